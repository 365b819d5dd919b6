import { promptText, type Exchange } from '@align-squad/core';
import { exchangeOf } from '@align-squad/eval';
import { loadTextTokenizer } from '@align-squad/onnx';
import { packDirectory } from '@align-squad/pack-en';
import { alignSquad } from 'align-squad';
import { readTriples } from '../../tools/evaluate/read-triples.js';

/** An exchange and its tokens of prompt, context and response together. */
export interface SizedExchange {
  readonly exchange: Exchange;
  readonly tokens: number;
}

/** Criteria of the embedded pack. */
export const criteria: readonly string[] = ['ethical', 'factual', 'helpful'];

const targetTokens = 160;
const exchangeCount = 8;

/** The clean exchanges with a context (so that all criteria are judged) nearest to the wanted length. */
export async function pickExchanges(): Promise<SizedExchange[]> {
  const { records } = await readTriples(new URL('../../data/triples/dev.jsonl', import.meta.url));
  const tokenizer = await loadTextTokenizer(packDirectory);
  const count = (text: string): number => tokenizer.encode(text).length;
  const sized = records
    .filter((record) => record.context !== null)
    .map((record) => exchangeOf(record, record.aligned))
    .map((exchange) => ({
      exchange,
      tokens: count(promptText(exchange.prompt)) + count(exchange.context ?? '') + count(exchange.response),
    }))
    .sort((a, b) => Math.abs(a.tokens - targetTokens) - Math.abs(b.tokens - targetTokens));
  const picked: SizedExchange[] = [];
  for (const candidate of sized) {
    if (picked.length === exchangeCount) break;
    if ((await alignSquad(candidate.exchange, criteria)).outcome === 'clean') picked.push(candidate);
  }
  return picked;
}
