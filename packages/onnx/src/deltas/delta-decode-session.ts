import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { CacheShape } from '../decoding/cache-shape.js';
import { openEngines, type DecoderView } from '../decoding/decode-engine.js';
import type { DecodeSession } from '../decoding/decode-session.js';
import { loadDecoder } from '../decoding/load-decoder.js';
import type { ModelProto } from '../graph/model.js';
import { quantizeModel } from '../graph/quantize.js';
import { requireFloatModel } from '../graph/require-float-model.js';
import type { OnnxSession } from '../session/session.js';
import { addDeltaInputs, type DeltaSlot } from './add-delta-inputs.js';
import { requireBase } from './apply-delta.js';
import type { ModelDelta } from './delta.js';
import { createDeltaFeeds } from './delta-feeds.js';
import type { DeltaSessionOptions } from './delta-session.js';
import { modelSha256 } from './model-sha256.js';
import { withFeeds } from './with-feeds.js';

/** The encoder that goes with one delta of a decoder. */
export interface DeltaEncoder {
  /** Is then that decoder's to dispose of. */
  readonly session: OnnxSession;
  /** The token that the decoder begins with. */
  readonly startId: number;
}

/** Options of `createDeltaDecodeSession`. */
export interface DeltaDecodeSessionOptions extends DeltaSessionOptions {
  /** Of encoder-decoders, one a delta, such as `createDeltaSession` gives them. @default none, decoders alone */
  readonly encoders?: readonly DeltaEncoder[] | undefined;
  /** Shape of the KV cache, as `readCacheShape` gives it. @default what the graph declares */
  readonly cache?: CacheShape | undefined;
}

/** Fine-tunes of one decoder that share its graph and weights in memory. */
export interface DeltaDecodeSession {
  /** One a delta, in their order. Disposing of one leaves the others. */
  readonly sessions: readonly DecodeSession[];
  /** Frees the shared graph, and the encoders. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const optionsSchema = z.strictObject({
  cached: z.int().min(1).default(2),
  int8: z.boolean().default(false),
  encoders: z.array(z.object({ session: z.custom<OnnxSession>((value) => typeof value === 'object' && value !== null && 'run' in value, 'Expected a session'), startId: z.int().min(0) })).optional(),
  cache: z.strictObject({ heads: z.int().min(1), headSize: z.int().min(1) }).optional(),
});

/**
 * Loads a decoder once for several deltas, as `createDecodeSession` does one: edited, with drafts, sampling and log-probabilities. Each pass
 * is fed the change of its own delta, so that decodings of different deltas never mix.
 * @throws AlignSquadError `pack-hash-mismatch` for a delta of another base, `model-invalid`, `missing-dependency`, `invalid-options`.
 */
export async function createDeltaDecodeSession(base: ModelProto, deltas: readonly ModelDelta[], options: DeltaDecodeSessionOptions = {}): Promise<DeltaDecodeSession> {
  const { cached, int8, encoders, cache } = parseWith(optionsSchema, options, { what: 'options of `createDeltaDecodeSession`', code: 'invalid-options' });
  if (deltas.length === 0 || (encoders && encoders.length !== deltas.length)) {
    throw new AlignSquadError('Expected at least one delta, and with encoders one for each.', { code: 'invalid-options' });
  }
  requireFloatModel(base);
  const sha256 = modelSha256(base);
  for (const delta of deltas) requireBase(base, delta, sha256);
  let slots: readonly DeltaSlot[] = [];
  const adapt = (model: ModelProto): ModelProto => {
    const added = addDeltaInputs(model, deltas);
    slots = added.slots;
    return int8 ? quantizeModel(added.model) : added.model;
  };
  const opened = await loadDecoder(base, { cache, rowScales: true, edit: true, adapt });
  const shared = opened.decoder.session;
  const feeds = createDeltaFeeds(base, deltas, slots, cached);
  const views = deltas.map((_, index): DecoderView => ({ session: withFeeds(shared, slots, () => feeds(index)), encoder: encoders?.[index]?.session, startId: encoders?.[index]?.startId }));
  const dispose = async (): Promise<void> => {
    await Promise.all([shared.dispose(), ...views.map(disposeView)]);
  };
  try {
    const engines = await openEngines(opened, views);
    const sessions = engines.map((engine, index): DecodeSession => {
      const disposeOne = async (): Promise<void> => disposeView(views[index]);
      return { ...engine, dispose: disposeOne, [Symbol.asyncDispose]: disposeOne };
    });
    return { sessions, dispose, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function disposeView(view: DecoderView | undefined): Promise<void> {
  await Promise.all([view?.session.dispose(), view?.encoder?.dispose()]);
}
