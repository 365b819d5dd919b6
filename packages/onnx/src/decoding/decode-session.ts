import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';
import { createSession, type OnnxSession } from '../session/session.js';
import { int64, type Tensor } from '../session/tensor.js';
import type { CacheShape } from './cache-shape.js';
import { createCopyDrafter } from './copy-drafter.js';
import { decodeBatch, groupByLength, type DecodedText } from './decode-batch.js';
import { decodeEvents, type DecodeEvent } from './decode-events.js';
import { parseDecodeRequest, type DecodeSessionRequest } from './decode-request.js';
import { createDecoderRun, type LoadedDecoder } from './decoder-run.js';
import { loadDecoder, type OpenedDecoder } from './load-decoder.js';
import { decodesBatches, givesAllRows, ignoresPadding } from './probe-decoder.js';
import { createTokenChooser } from './token-chooser.js';

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
   * Decodes several texts, in the order of the requests: those of equal length, in float32 also those of near length, in the same passes
   * where that changes no text beyond rounding, the others one by one. Any request's signal ends all.
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

const sparePositions = 64;
const largestBatch = 8;

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
    const { session } = opened.decoder;
    const constantsOf = (ids: readonly number[]): Promise<Record<string, Tensor>> => encode(encoder, session, ids);
    const { decoder, features } = await probe(opened, constantsOf);
    return { ...sessionOver({ decoder, features, startId, constantsOf }), outputNames: opened.outputNames, dispose, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface SessionParts {
  readonly decoder: LoadedDecoder;
  readonly features: DecodeFeatures;
  readonly startId: number | undefined;
  readonly constantsOf: (ids: readonly number[]) => Promise<Record<string, Tensor>>;
}

function sessionOver({ decoder, features, startId, constantsOf }: SessionParts): Pick<DecodeSession, 'features' | 'inputNames' | 'decodeEvents' | 'decode' | 'decodeMany'> {
  let batches: Promise<boolean> | undefined;
  async function* events(unchecked: DecodeSessionRequest): AsyncGenerator<DecodeEvent, void, undefined> {
    const request = parseDecodeRequest(unchecked);
    request.signal?.throwIfAborted();
    const { ids, copyFrom = [], stopId, speculate = features.isRowwise } = request;
    const run = createDecoderRun(decoder, { constants: await constantsOf(ids), exact: speculate });
    const source = copyFrom.length > 0 && stopId !== undefined ? [...copyFrom, stopId] : copyFrom;
    const drafter = speculate && features.verifiesDrafts ? createCopyDrafter({ source, context: ids }) : undefined;
    const prompt = startId === undefined ? ids : [startId];
    yield* decodeEvents({ run, prompt, request, drafter, chooser: createTokenChooser(request.sampling, startId === undefined ? ids : []) });
  }
  async function decodeOne(request: DecodeSessionRequest): Promise<DecodedText> {
    const ids: number[] = [];
    for await (const event of events(request)) {
      if (event.type === 'end') return { ids, reason: event.reason };
      ids.push(...event.ids);
    }
    return { ids, reason: 'length' };
  }
  return {
    features,
    inputNames: decoder.session.inputNames,
    decodeEvents: events,
    async *decode(request) {
      for await (const event of events(request)) if (event.type === 'tokens') yield* event.ids;
    },
    async decodeMany(unchecked) {
      const requests = unchecked.map(parseDecodeRequest);
      const isBatched = features.isRowwise && startId === undefined && requests.length > 1 && (await (batches ??= decodesBatches(decoder)));
      const groups = groupByLength(requests, { largest: isBatched ? largestBatch : 1, isNearEnough: !decoder.isQuantized });
      const decoded = new Map<number, DecodedText>();
      const signals = requests.flatMap(({ signal }) => signal ?? []);
      const signal = signals.length === 0 ? undefined : AbortSignal.any(signals);
      for (const group of groups) {
        const members = group.flatMap((index) => requests[index] ?? []);
        const [only] = members;
        const texts = only && members.length === 1 ? [await decodeOne({ ...only, signal })] : await decodeBatch(decoder, members, signal);
        group.forEach((index, place) => decoded.set(index, texts[place] ?? { ids: [], reason: 'length' }));
      }
      return requests.flatMap((_, index) => decoded.get(index) ?? []);
    },
  };
}

/** Tries out what cannot be read off the graph. */
async function probe(opened: OpenedDecoder, constantsOf: SessionParts['constantsOf']): Promise<{ decoder: LoadedDecoder; features: DecodeFeatures }> {
  const { decoder, isEdited, isRowwise } = opened;
  const constants = await constantsOf([1, 2, 3]);
  const verifiesDrafts = await givesAllRows(decoder, constants);
  const canPad = await ignoresPadding(decoder, constants);
  const reasons = [...opened.reasons, ...(verifiesDrafts ? [] : ['a pass does not give logits for each token: drafts are off']), ...(canPad ? [] : ['masked positions in front of the past change what follows: the cache moves with each pass'])];
  return { decoder: { ...decoder, spare: canPad ? sparePositions : 0 }, features: { isEdited, verifiesDrafts, isRowwise, ignoresPadding: canPad, reasons } };
}

/** What the encoder makes of `ids`, by the names of the decoder's inputs; nothing without an encoder. */
async function encode(encoder: OnnxSession | undefined, decoder: OnnxSession, ids: readonly number[]): Promise<Record<string, Tensor>> {
  if (!encoder) return {};
  const row = int64(ids, [1, ids.length]);
  const mask = int64(ids.map(() => 1), [1, ids.length]);
  const { last_hidden_state: hidden } = await encoder.run(named(encoder, { input_ids: row, attention_mask: mask }));
  if (!hidden) throw new AlignSquadError('Expected the encoder to give `last_hidden_state`.', { code: 'model-invalid' });
  return named(decoder, { encoder_hidden_states: hidden, encoder_attention_mask: mask });
}

/** The tensors that the graph has inputs for. */
function named({ inputNames }: OnnxSession, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => inputNames.includes(name)));
}
