import { AlignSquadError } from '@align-squad/core';
import type { OnnxSession } from '../session/session.js';
import { int64, type Tensor } from '../session/tensor.js';
import { createCopyDrafter } from './copy-drafter.js';
import { decodeBatch, groupByLength, type DecodedText } from './decode-batch.js';
import { decodeEvents, type DecodeEvent } from './decode-events.js';
import { parseDecodeRequest, type DecodeSessionRequest } from './decode-request.js';
import type { DecodeFeatures, DecodeSession } from './decode-session.js';
import { createDecoderRun, type LoadedDecoder } from './decoder-run.js';
import type { OpenedDecoder } from './load-decoder.js';
import { decodesBatches, givesAllRows, ignoresPadding } from './probe-decoder.js';
import { createTokenChooser } from './token-chooser.js';

const sparePositions = 64;
const largestBatch = 8;

/** Whether a request is decoded with drafts of its own source, which saves more passes than sharing them with other texts does. */
const copies = ({ copyFrom = [], speculate = true }: DecodeSessionRequest): boolean => speculate && copyFrom.length > 0;

/** A way to run a loaded decoder: its session, or one that adds to what each run is fed. */
export interface DecoderView {
  readonly session: OnnxSession;
  /** The encoder of an encoder-decoder, with the token that its decoder begins with. */
  readonly encoder?: OnnxSession | undefined;
  readonly startId?: number | undefined;
}

/** All of a decode session but what frees it. */
export type DecodeEngine = Omit<DecodeSession, 'dispose' | typeof Symbol.asyncDispose>;

/**
 * Tries out by the first view what cannot be read off a loaded decoder, and gives what decodes with each of the views.
 * @throws AlignSquadError `model-invalid`, `disposed`.
 */
export async function openEngines(opened: OpenedDecoder, views: readonly DecoderView[]): Promise<DecodeEngine[]> {
  const { isEdited, isRowwise, outputNames } = opened;
  const [first] = views;
  const probed = { ...opened.decoder, ...(first && { session: first.session }) };
  const constants = first ? await encode(first, [1, 2, 3]) : {};
  const verifiesDrafts = await givesAllRows(probed, constants);
  const canPad = await ignoresPadding(probed, constants);
  const reasons = [
    ...opened.reasons,
    ...(verifiesDrafts ? [] : ['a pass does not give logits for each token: drafts are off']),
    ...(canPad ? [] : ['masked positions in front of the past change what follows: the cache moves with each pass']),
  ];
  const features: DecodeFeatures = { isEdited, verifiesDrafts, isRowwise, ignoresPadding: canPad, reasons };
  return views.map((view) => {
    const decoder: LoadedDecoder = { ...opened.decoder, session: view.session, spare: canPad ? sparePositions : 0 };
    return { ...engineOver({ view, decoder, features }), features, inputNames: view.session.inputNames, outputNames };
  });
}

interface EngineParts {
  readonly view: DecoderView;
  readonly decoder: LoadedDecoder;
  readonly features: DecodeFeatures;
}

function engineOver({ view, decoder, features }: EngineParts): Pick<DecodeEngine, 'decodeEvents' | 'decode' | 'decodeMany'> {
  const { startId } = view;
  let batches: Promise<boolean> | undefined;
  async function* events(unchecked: DecodeSessionRequest): AsyncGenerator<DecodeEvent, void, undefined> {
    const request = parseDecodeRequest(unchecked);
    request.signal?.throwIfAborted();
    const { ids, copyFrom = [], stopId, speculate = features.isRowwise } = request;
    const run = createDecoderRun(decoder, { constants: await encode(view, ids), exact: speculate });
    const source = copyFrom.length > 0 && stopId !== undefined ? [...copyFrom, stopId] : copyFrom;
    const drafter = speculate && features.verifiesDrafts ? createCopyDrafter({ source, context: ids }) : undefined;
    const prompt = startId === undefined ? ids : [startId];
    yield* decodeEvents({ run, prompt, request, drafter, chooser: createTokenChooser(request, startId === undefined ? ids : []) });
  }
  return {
    decodeEvents: events,
    async *decode(request) {
      for await (const event of events(request)) if (event.type === 'tokens') yield* event.ids;
    },
    async decodeMany(unchecked) {
      const requests = unchecked.map(parseDecodeRequest);
      const isBatched = features.isRowwise && startId === undefined && requests.length > 1 && (await (batches ??= decodesBatches(decoder)));
      const groups = groupByLength(requests, { largest: isBatched ? largestBatch : 1, isNearEnough: !decoder.isQuantized, isAlone: (request) => features.verifiesDrafts && copies(request) });
      const decoded = new Map<number, DecodedText>();
      const signals = requests.flatMap(({ signal }) => signal ?? []);
      const signal = signals.length === 0 ? undefined : AbortSignal.any(signals);
      for (const group of groups) {
        const members = group.flatMap((index) => requests[index] ?? []);
        const [only] = members;
        const texts = only && members.length === 1 ? [await collectText(events({ ...only, signal }))] : await decodeBatch(decoder, members, signal);
        group.forEach((index, place) => decoded.set(index, texts[place] ?? { ids: [], reason: 'length' }));
      }
      return requests.flatMap((_, index) => decoded.get(index) ?? []);
    },
  };
}

async function collectText(events: AsyncIterable<DecodeEvent>): Promise<DecodedText> {
  const ids: number[] = [];
  for await (const event of events) {
    if (event.type === 'end') return { ids, reason: event.reason };
    ids.push(...event.ids);
  }
  return { ids, reason: 'length' };
}

/** What the encoder makes of `ids`, by the names of the decoder's inputs; nothing without an encoder. */
async function encode({ encoder, session }: DecoderView, ids: readonly number[]): Promise<Record<string, Tensor>> {
  if (!encoder) return {};
  const row = int64(ids, [1, ids.length]);
  const mask = int64(ids.map(() => 1), [1, ids.length]);
  const { last_hidden_state: hidden } = await encoder.run(named(encoder, { input_ids: row, attention_mask: mask }));
  if (!hidden) throw new AlignSquadError('Expected the encoder to give `last_hidden_state`.', { code: 'model-invalid' });
  return named(session, { encoder_hidden_states: hidden, encoder_attention_mask: mask });
}

/** The tensors that the graph has inputs for. */
function named({ inputNames }: OnnxSession, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => inputNames.includes(name)));
}
