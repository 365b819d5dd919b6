import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';
import { createSession, type OnnxSession } from '../session/session.js';
import type { CacheShape } from './cache-shape.js';
import type { DecodedText } from './decode-batch.js';
import { openEngines } from './decode-engine.js';
import type { DecodeEvent } from './decode-events.js';
import type { DecodeSessionRequest } from './decode-request.js';
import { loadDecoder, type OpenedDecoder } from './load-decoder.js';

/** Options of `createDecodeSession`. */
export interface DecodeSessionOptions {
  /** The encoder of an encoder-decoder: a path, bytes, or a session, which is then the decoder's to dispose of; with it goes `startId`. @default none, a decoder alone */
  readonly encoder?: string | Uint8Array | OnnxSession | undefined;
  /** The token that the decoder of an encoder-decoder begins with. */
  readonly startId?: number | undefined;
  /** Shape of the KV cache, as `readCacheShape` gives it. @default what the graph declares */
  readonly cache?: CacheShape | undefined;
  /** Threads inside one pass. @default 1 */
  readonly threads?: number | undefined;
  /** Quantise activations of an int8 graph a row at a time instead of all of a pass at once; tokens may differ from those of the file as it is. @default true */
  readonly rowScales?: boolean | undefined;
  /** Edit the graph as it is loaded. @default true */
  readonly edit?: boolean | undefined;
}

/** What a graph was found to be able to do. */
export interface DecodeFeatures {
  /** Passes return new keys and values and the likeliest tokens only. */
  readonly isEdited: boolean;
  /** Drafts can be checked: a pass gives what follows each token of it. */
  readonly verifiesDrafts: boolean;
  /** What follows a token does not depend on the tokens fed with it, beyond rounding: drafts change no token. */
  readonly isRowwise: boolean;
  /** The cache grows in place. */
  readonly ignoresPadding: boolean;
  /** Why something of it is missing, in words. */
  readonly reasons: readonly string[];
}

/** A model that continues tokens. Runs block the event loop of their thread. */
export interface DecodeSession {
  readonly features: DecodeFeatures;
  /** Inputs and outputs of the decoder's file. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Gives tokens as they are known, several at once where drafts were right; the last event is `end`. For an encoder-decoder `ids` are what
   * its encoder reads.
   * @throws AlignSquadError `invalid-options`, `model-invalid`, `disposed`, or the signal's reason.
   */
  decodeEvents(request: DecodeSessionRequest): AsyncGenerator<DecodeEvent, void, undefined>;
  /** The tokens of `decodeEvents` one by one. */
  decode(request: DecodeSessionRequest): AsyncGenerator<number, void, undefined>;
  /**
   * Decodes several texts, in the order of the requests: those of equal length, in float32 also those of up to twice the length, in the same
   * passes where that changes no text beyond rounding; the others, and those with `copyFrom`, which drafts make faster, one by one. Any
   * request's signal ends all.
   */
  decodeMany(requests: readonly DecodeSessionRequest[]): Promise<DecodedText[]>;
  /** Frees the model; later requests throw `disposed`. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const encoderSchema = z.union([
  z.string().min(1),
  z.instanceof(Uint8Array),
  z.custom<OnnxSession>((value) => typeof value === 'object' && value !== null && 'run' in value, 'Expected a path, bytes or a session'),
]);

const optionsSchema = z.strictObject({
  encoder: encoderSchema.optional(),
  startId: z.int().min(0).optional(),
  cache: z.strictObject({ heads: z.int().min(1), headSize: z.int().min(1) }).optional(),
  threads: z.int().min(1).optional(),
  rowScales: z.boolean().default(true),
  edit: z.boolean().default(true),
});

/**
 * Loads a decoder, or an encoder-decoder, in the layout of transformers.js, and edits it so that a pass returns new keys and values
 * and likeliest tokens only. Where its graph is not known well enough, it runs as it is, and `features` says why.
 * In float32 drafts change no token but where two are equally likely to rounding; in int8 with `rowScales` tokens don't depend on the
 * drafts at all, and a request with `speculate: false`, which is faster without drafts, may differ by rounding.
 * @throws AlignSquadError `invalid-options`, `model-invalid`, `missing-dependency`.
 */
export async function createDecodeSession(decoderModel: string | Uint8Array, options: DecodeSessionOptions = {}): Promise<DecodeSession> {
  const parsed = parseWith(optionsSchema, options, { what: 'options of `createDecodeSession`', code: 'invalid-options' });
  const { encoder: encoderModel, startId, threads } = parsed;
  if ((encoderModel === undefined) !== (startId === undefined)) {
    throw new AlignSquadError('Expected `encoder` and `startId` together, or neither.', { code: 'invalid-options' });
  }
  const encoder = typeof encoderModel === 'string' || encoderModel instanceof Uint8Array ? await createSession(encoderModel, { threads }) : encoderModel;
  let opened: OpenedDecoder | undefined;
  const dispose = async (): Promise<void> => {
    await Promise.all([encoder?.dispose(), opened?.decoder.session.dispose()]);
  };
  try {
    opened = await loadDecoder(decoderModel, parsed);
    const [engine] = await openEngines(opened, [{ session: opened.decoder.session, encoder, startId }]);
    if (!engine) throw new AlignSquadError('The decoder has nothing to decode with.', { code: 'model-invalid' });
    return { ...engine, dispose, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
