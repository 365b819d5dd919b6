import { AlignSquadError, parseWith, type AlignerOptions, type AlignEvent, type AlignRequest, type Exchange } from '@align-squad/core';
import { int64, loadPackTokenizer, type OnnxSession, packVersion, type Pack, type Tensor, type TextTokenizer } from '@align-squad/onnx';
import { z } from 'zod';
import { alignerTokenIds, type AlignerTokenIds } from '../format/aligner-tokens.js';
import { applyEditTags, countEditTags } from '../format/edit-tags.js';
import { splitWords } from '../format/edit-words.js';
import { layoutWords } from '../format/layout-words.js';
import type { EditTaggerManifest } from '../pack/manifest.js';
import { openModel } from './open-model.js';
import { alignerFailure, checkRequest, type PackAligner } from './pack-aligner-base.js';

interface Tagger {
  readonly manifest: EditTaggerManifest;
  readonly session: OnnxSession;
  readonly tokenizer: TextTokenizer;
  readonly special: AlignerTokenIds;
  readonly phrases: readonly string[];
}

const phrasesSchema: z.ZodType<{ readonly phrases: readonly string[] }> = z.strictObject({ phrases: z.array(z.string().min(1)) });

/**
 * An aligner that keeps or deletes the words of the response and puts phrases between them, in one pass of an encoder.
 * @throws AlignSquadError `pack-invalid`, `model-invalid`, `missing-dependency`; a rewrite rejects with `pack-invalid`
 * where the model has another number of tags than the phrases make.
 */
export async function createEditTaggerAligner(pack: Pack, manifest: EditTaggerManifest): Promise<PackAligner> {
  const tokenizer = await loadPackTokenizer(pack, manifest.tokenizer);
  const { phrases } = parseWith(phrasesSchema, await pack.readJson(manifest.phrases), {
    what: `phrases in ${manifest.phrases}`,
    code: 'pack-invalid',
  });
  const special = alignerTokenIds(tokenizer, manifest.tokens);
  const session = await openModel(pack, manifest.model, 'logits');
  const tagger: Tagger = { manifest, session, tokenizer, special, phrases };
  return {
    contract: 'aligner/1',
    version: packVersion(pack.manifest),
    criteria: manifest.criteria,
    abilities: { maxCandidates: 1, deterministic: true },
    async *align(request: AlignRequest, { signal }: AlignerOptions = {}): AsyncGenerator<AlignEvent> {
      signal?.throwIfAborted();
      const exchange = checkRequest(request, manifest.criteria);
      const text = (request.candidate ?? 0) > 0 ? undefined : await rewrite(tagger, exchange, signal);
      signal?.throwIfAborted();
      if (text === undefined) return yield { type: 'end', outcome: 'none' };
      yield { type: 'text', text };
      signal?.throwIfAborted();
      yield { type: 'end', outcome: 'rewritten' };
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

async function rewrite(tagger: Tagger, exchange: Exchange, signal: AbortSignal | undefined): Promise<string | undefined> {
  const { manifest, tokenizer, special, phrases } = tagger;
  const words = splitWords(exchange.response);
  const layout = layoutWords(tokenizer, special, { prompt: exchange.prompt, context: exchange.context, words }, manifest);
  if (layout === undefined) return undefined;
  const logits = await runTagger(tagger, layout.ids, signal);
  const tags = layout.positions.map((position) => likeliestTag(logits, position, countEditTags(phrases.length)));
  const text = applyEditTags(words, tags, phrases);
  return text === exchange.response || text.trim() === '' ? undefined : text;
}

async function runTagger({ session, manifest, phrases }: Tagger, ids: readonly number[], signal: AbortSignal | undefined): Promise<Float32Array> {
  const dims = [1, ids.length];
  const inputs: Record<string, Tensor> = { input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) };
  if (session.inputNames.includes('token_type_ids')) inputs['token_type_ids'] = int64(ids.map(() => 0), dims);
  let logits: Tensor | undefined;
  try {
    logits = (await session.run(pick(inputs, session.inputNames), ['logits']))['logits'];
  } catch (error) {
    throw alignerFailure(error, 'The edit tagger of the pack failed.', signal);
  }
  const expected = [1, ids.length, countEditTags(phrases.length)];
  if (logits?.type === 'float32' && expected.every((size, axis) => logits.dims[axis] === size)) return logits.data;
  throw new AlignSquadError(`Expected ${manifest.model} to give float32 \`logits\` of ${expected[2]} tags, which its ${phrases.length} phrases make.`, {
    code: 'pack-invalid',
  });
}

function pick(inputs: Readonly<Record<string, Tensor>>, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => names.includes(name)));
}

function likeliestTag(logits: Float32Array, position: number, count: number): number {
  const row = logits.subarray(position * count, (position + 1) * count);
  if (row.some(Number.isNaN)) throw new AlignSquadError('The edit tagger of the pack gave no usable scores.', { code: 'aligner-failed' });
  return row.indexOf(row.reduce((most, value) => Math.max(most, value), -Infinity));
}
