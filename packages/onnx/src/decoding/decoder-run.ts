import { AlignSquadError } from '@align-squad/core';
import type { OnnxSession } from '../session/session.js';
import { float32, int64, type Tensor } from '../session/tensor.js';
import { createCacheBuffers } from './cache-buffers.js';
import type { CacheShape } from './cache-shape.js';
import { isEncoderPast, isPast, keptRowsName, likeliestName, logitSumName, presentOf, topCountName, topIdsName, topLogitsName, topLogSumName, topScaleName } from './decoder-names.js';
import { createDecoderRows, type DecoderRows, type RowsWanted } from './decoder-rows.js';
import { newRowsOf } from './new-rows.js';

/** A decoder that is loaded, and what its graph can do. */
export interface LoadedDecoder {
  readonly session: OnnxSession;
  /** Shape of its caches; of no use to a graph without any. */
  readonly shape: CacheShape;
  /** Outputs with the new positions of a cache, by its input; caches without one are read out of the whole present. */
  readonly newPositions: ReadonlyMap<string, string>;
  readonly givesLikeliest: boolean;
  readonly givesTop: boolean;
  /** Masked positions that it ignores in front of the past, for `createCacheBuffers`. */
  readonly spare: number;
  /** Activations are rounded to int8, so that a difference in the last bit may become one that shows. */
  readonly isQuantized: boolean;
}

/** The decoding of one batch of texts. */
export interface DecoderRun {
  /**
   * Runs new tokens, as many of each text, and gives what follows the last `rows` of them; nothing is kept of them until `keep`, and another
   * pass takes the place of this one.
   * @throws AlignSquadError `model-invalid`, `disposed`.
   */
  forward(ids: readonly (readonly number[])[], rows: number, wanted?: RowsWanted): Promise<DecoderRows>;
  /** Keeps the first `count` tokens of the last pass. */
  keep(count: number): void;
}

/** Options of `createDecoderRun`. */
export interface DecoderRunOptions {
  /** Inputs that stay the same in every pass. */
  readonly constants?: Readonly<Record<string, Tensor>> | undefined;
  /** For each text how many of its first tokens stand for nothing. @default one text, 0 */
  readonly leads?: readonly number[] | undefined;
  /**
   * Make what follows a token the same to the bit however tokens are spread over passes, also where the graph is quantised: sums run in the
   * same order only where a token keeps its place in the cache, and kernels for one row add up in another order than those for more.
   * @default false
   */
  readonly exact?: boolean | undefined;
  /** What the memory of the cache holds at first. @default 0 */
  readonly filler?: number | undefined;
}

const onlyLikeliest: RowsWanted = { logits: false, top: 0, temperature: 1 };

interface LastPass {
  readonly ids: readonly (readonly number[])[];
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Starts to decode with nothing seen. */
export function createDecoderRun(decoder: LoadedDecoder, { constants = {}, leads = [0], exact = false, filler }: DecoderRunOptions = {}): DecoderRun {
  const { session, shape, newPositions } = decoder;
  const isExact = exact && decoder.isQuantized;
  const spare = isExact ? 0 : decoder.spare;
  const leastTokens = isExact ? 2 : 1;
  const ownNames = session.inputNames.filter((name) => isPast(name) && !isEncoderPast(name));
  const encoderNames = session.inputNames.filter(isEncoderPast);
  const batch = leads.length;
  const cache = createCacheBuffers({ names: ownNames, shape, batch, spare, filler });
  const none = float32(new Float32Array(0), [batch, shape.heads, 0, shape.headSize]);
  let encoded: Record<string, Tensor> | undefined;
  let seen: readonly (readonly number[])[] = leads.map(() => []);
  let last: LastPass | undefined;

  const outputsOf = ({ logits, top }: RowsWanted): string[] => [
    ...(decoder.givesLikeliest ? [likeliestName, logitSumName] : []),
    ...(logits || !decoder.givesLikeliest || (top > 0 && !decoder.givesTop) ? ['logits'] : []),
    ...(top > 0 && decoder.givesTop ? [topIdsName, topLogitsName, topLogSumName] : []),
    ...ownNames.map((name) => newPositions.get(name) ?? presentOf(name)),
    // From the second pass on merged graphs give placeholders for what attends to the encoder, which does not change.
    ...(encoded ? [] : encoderNames.map(presentOf)),
  ];

  return {
    async forward(known, count, wanted = onlyLikeliest) {
      const hasCache = ownNames.length > 0;
      // Tokens that stand for nothing, behind those that are known.
      const fillers = Math.max(0, leastTokens - (known[0]?.length ?? 0));
      const ids = fillers === 0 ? known : known.map((each) => [...each, ...new Array<number>(fillers).fill(0)]);
      const rows = count + fillers;
      const fed = hasCache ? ids : ids.map((each, text) => [...(seen[text] ?? []), ...each]);
      const named: Record<string, Tensor> = { ...constants, ...cache.tensors() };
      for (const name of encoderNames) named[name] = encoded?.[name] ?? none;
      const place: PassPlace = { fed, past: hasCache ? cache.length : 0, padding: hasCache ? cache.padding : 0, leads, rows, wanted };
      const inputs: Record<string, Tensor> = Object.fromEntries(session.inputNames.map((name) => [name, named[name] ?? inputNamed(name, place)]));
      const outputs = await session.run(inputs, outputsOf(wanted));
      if (!encoded && encoderNames.length > 0) encoded = Object.fromEntries(encoderNames.map((name) => [name, outputs[presentOf(name)] ?? none]));
      last = { ids, outputs };
      return createDecoderRows(outputs, { rows, fillers, top: wanted.top });
    },
    keep(count) {
      if (!last) return;
      const { ids, outputs } = last;
      last = undefined;
      const fed = ids[0]?.length ?? 0;
      cache.append(new Map(ownNames.map((name) => [name, newRowsOf(outputs[newPositions.get(name) ?? presentOf(name)], fed)])), count);
      if (ownNames.length === 0) seen = seen.map((before, text) => [...before, ...(ids[text]?.slice(0, count) ?? [])]);
    },
  };
}

interface PassPlace {
  readonly fed: readonly (readonly number[])[];
  /** Tokens before them. */
  readonly past: number;
  /** Masked positions in front of those. */
  readonly padding: number;
  readonly leads: readonly number[];
  readonly rows: number;
  readonly wanted: RowsWanted;
}

function inputNamed(name: string, { fed, past, padding, leads, rows, wanted }: PassPlace): Tensor {
  const batch = fed.length;
  const count = fed[0]?.length ?? 0;
  switch (name) {
    case 'input_ids':
      return int64(fed.flat(), [batch, count]);
    case 'attention_mask': {
      const span = padding + past + count;
      const mask = new BigInt64Array(batch * span).fill(1n);
      leads.forEach((lead, text) => mask.fill(0n, text * span, text * span + padding + lead));
      return int64(mask, [batch, span]);
    }
    case 'position_ids':
      return int64(fed.flatMap((ids, text) => ids.map((_, index) => Math.max(0, past + index - (leads[text] ?? 0)))), [batch, count]);
    case 'use_cache_branch':
      return { type: 'bool', data: Uint8Array.of(past > 0 ? 1 : 0), dims: [1] };
    case keptRowsName:
      return int64([rows], [1]);
    case topCountName:
      return int64([wanted.top], [1]);
    case topScaleName:
      return float32(new Float32Array(batch).fill(1 / wanted.temperature), [batch, 1, 1]);
    case 'num_logits_to_keep':
    case 'logits_to_keep':
      return int64([rows], []);
    default:
      throw new AlignSquadError(`The decoder needs the input \`${name}\`, which decoding does not know; export it in the layout of transformers.js.`, { code: 'model-invalid' });
  }
}
