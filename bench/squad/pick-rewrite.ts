import { promptText, type Exchange } from '@align-squad/core';
import { functionAligner } from '@align-squad/core/testing';
import { exchangeOf } from '@align-squad/eval';
import { loadTextTokenizer } from '@align-squad/onnx';
import { packDirectory } from '@align-squad/pack-en';
import { createSquad } from 'align-squad';
import { readTriples } from '../../tools/evaluate/read-triples.js';
import { criteria } from '../inspect/pick-exchanges.js';

/** A misaligned exchange and the rewrite that the embedded inspector accepts at once; tokens are those of the embedded pack. */
export interface Rewrite {
  readonly exchange: Exchange;
  /** Text that the aligner is to write, in the letters that the tokenizer keeps. */
  readonly target: string;
  readonly targetTokens: number;
  /** Of prompt, context and response. */
  readonly exchangeTokens: number;
  /** Share of the target's tokens that are in its longest common subsequence with the response. */
  readonly copied: number;
}

const wanted = { tokens: 110, copied: 0.88 };
// So many of the nearest are tried.
const most = 2000;

/**
 * Of the dev split the rewrite nearest to 110 tokens, 88 % copied, that the squad accepts and then finds clean. Its answers are
 * shorter, so that to both texts of a triple with a context (all criteria are judged) the answer of another exchange is added.
 */
export async function pickRewrite(): Promise<Rewrite | undefined> {
  const { records } = await readTriples(new URL('../../data/triples/dev.jsonl', import.meta.url));
  const tokenizer = await loadTextTokenizer(packDirectory);
  const encode = (text: string): readonly number[] => tokenizer.encode(text);
  const others = records.filter(({ identity }) => identity).map(({ aligned }) => ({ text: aligned, tokens: encode(aligned).length }));
  const candidates = records.filter(({ identity, context }) => !identity && context !== null).flatMap((record): Rewrite[] => {
    const target = encode(record.aligned);
    const same = longestCommon(encode(record.misaligned), target);
    const lead = encode(promptText(record.prompt)).length + encode(record.context ?? '').length + encode(record.misaligned).length;
    return others.map(({ text, tokens }) => ({
      exchange: exchangeOf(record, `${record.misaligned} ${text}`),
      target: `${record.aligned} ${text}`,
      targetTokens: target.length + tokens,
      exchangeTokens: lead + tokens,
      copied: (same + tokens) / (target.length + tokens),
    }));
  });
  const distance = ({ targetTokens, copied }: Rewrite): number => Math.abs(targetTokens / wanted.tokens - 1) + Math.abs(copied - wanted.copied);
  let target = '';
  const aligner = functionAligner(() => target);
  await using squad = await createSquad({ criteria, aligners: [aligner], maxAttempts: 1 });
  for (const candidate of candidates.sort((a, b) => distance(a) - distance(b)).slice(0, most)) {
    target = tokenizer.decode(encode(candidate.target)).trim();
    const { outcome, response } = await squad.align(candidate.exchange);
    if (outcome === 'aligned' && response === target) return { ...candidate, target };
  }
  return undefined;
}

function longestCommon(a: readonly number[], b: readonly number[]): number {
  let row = new Uint16Array(b.length + 1);
  for (const id of a) {
    const next = new Uint16Array(b.length + 1);
    b.forEach((other, index) => (next[index + 1] = id === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0)));
    row = next;
  }
  return row[b.length] ?? 0;
}
