import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { ModelProto } from '../graph/model.js';
import { quantizeModel } from '../graph/quantize.js';
import { requireFloatModel } from '../graph/require-float-model.js';
import { writeModel } from '../graph/write-model.js';
import { createSession, type OnnxSession } from '../session/session.js';
import { addDeltaInputs } from './add-delta-inputs.js';
import { requireBase } from './apply-delta.js';
import type { ModelDelta } from './delta.js';
import { createDeltaFeeds } from './delta-feeds.js';
import { modelSha256 } from './model-sha256.js';
import { withFeeds } from './with-feeds.js';

/** Options of `createDeltaSession`. */
export interface DeltaSessionOptions {
  /** Deltas that stay unpacked, those used last; a whole number from 1. @default 2 */
  readonly cached?: number | undefined;
  /** Run the base in int8 (`quantizeModel`); changes stay float32. @default false */
  readonly int8?: boolean | undefined;
}

/** Fine-tunes of one base that share its graph and weights in memory. */
export interface DeltaSession {
  /** One a delta, in their order, with the inputs and outputs of the base. Disposing of one leaves the others. */
  readonly sessions: readonly OnnxSession[];
  /** Frees the shared graph. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const optionsSchema = z.strictObject({ cached: z.int().min(1).default(2), int8: z.boolean().default(false) });

/**
 * Loads a base once for several deltas. Each run is fed the change of its own delta, so that runs of different deltas never
 * mix; one that is not among those used last is unpacked first.
 * @throws AlignSquadError `pack-hash-mismatch` for a delta of another base, `model-invalid`, `missing-dependency`, `invalid-options`.
 */
export async function createDeltaSession(base: ModelProto, deltas: readonly ModelDelta[], options: DeltaSessionOptions = {}): Promise<DeltaSession> {
  const { cached, int8 } = parseWith(optionsSchema, options, { what: 'options of `createDeltaSession`', code: 'invalid-options' });
  requireFloatModel(base);
  const sha256 = modelSha256(base);
  for (const delta of deltas) requireBase(base, delta, sha256);
  const { model, slots } = addDeltaInputs(base, deltas);
  const session = await createSession(writeModel(int8 ? quantizeModel(model) : model));
  const feeds = createDeltaFeeds(base, deltas, slots, cached);
  return {
    sessions: deltas.map((_, index) => withFeeds(session, slots, () => feeds(index))),
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}
