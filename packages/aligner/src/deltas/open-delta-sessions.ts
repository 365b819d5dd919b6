import { AlignSquadError } from '@align-squad/core';
import {
  applyDelta, createDecodeSession, createDeltaDecodeSession, createDeltaSession, createSession, modelDelta,
  type CacheShape, type DecodeSession, type Delta, type DeltaEncoder, type ModelDelta, type OnnxSession, type Pack,
} from '@align-squad/onnx';
import { quantizeModel, readModelFile, writeModel, type ModelProto } from '@align-squad/onnx/graph';

/** How the deltas of a model are opened. */
export interface OpenDeltaOptions {
  readonly apply: 'request' | 'load';
  /** @default whether the manifest names the int8 form */
  readonly int8?: boolean | undefined;
  readonly cached?: number | undefined;
}

/** How those of a decoder are opened. */
export interface OpenDeltaDecoderOptions extends OpenDeltaOptions {
  readonly cache: CacheShape;
  /** One a delta, of an encoder-decoder; freed with the decoders. */
  readonly encoders?: readonly DeltaEncoder[] | undefined;
}

/** Sessions of one model of a pack, one a delta. */
export interface DeltaSessions<T> {
  readonly sessions: readonly T[];
  dispose(): Promise<void>;
}

const int8Ending = /_quantized\.onnx$/;

/**
 * Opens a model of a pack with each delta.
 * @throws AlignSquadError `pack-invalid` when the pack or a delta lacks the float32 model, `pack-hash-mismatch` for a delta of another base.
 */
export async function openDeltaSessions(pack: Pack, file: string, deltas: readonly Delta[], options: OpenDeltaOptions): Promise<DeltaSessions<OnnxSession>> {
  const { base, changes, int8 } = await readBase(pack, file, deltas, options);
  if (options.apply === 'request') return createDeltaSession(base, changes, { int8, cached: options.cached });
  return openEach(changes, (change) => createSession(tunedModel(base, change, int8)));
}

/**
 * Opens a decoder of a pack with each delta, to decode with. Where that fails, the encoders stay the caller's.
 * @throws AlignSquadError as `openDeltaSessions`.
 */
export async function openDeltaDecoders(pack: Pack, file: string, deltas: readonly Delta[], options: OpenDeltaDecoderOptions): Promise<DeltaSessions<DecodeSession>> {
  const { base, changes, int8 } = await readBase(pack, file, deltas, options);
  const { apply, cached, cache, encoders } = options;
  if (apply === 'request') return createDeltaDecodeSession(base, changes, { int8, cached, cache, encoders });
  return openEach(changes, (change, index) => {
    const encoder = encoders?.[index];
    return createDecodeSession(tunedModel(base, change, int8), { cache, ...(encoder && { encoder: encoder.session, startId: encoder.startId }) });
  });
}

interface DeltaBase {
  readonly base: ModelProto;
  readonly changes: readonly ModelDelta[];
  readonly int8: boolean;
}

async function readBase(pack: Pack, file: string, deltas: readonly Delta[], { int8 = int8Ending.test(file) }: OpenDeltaOptions): Promise<DeltaBase> {
  const floatFile = file.replace(int8Ending, '.onnx');
  if (pack.manifest.files[floatFile] === undefined) {
    throw new AlignSquadError(`The base has no float32 model ${JSON.stringify(floatFile)}, to which deltas are added: use a pack that was written with it.`, { code: 'pack-invalid' });
  }
  const changes = deltas.map((delta) => modelDelta(delta, floatFile));
  return { base: await readModelFile(pack.path(floatFile)), changes, int8 };
}

function tunedModel(base: ModelProto, change: ModelDelta, int8: boolean): Uint8Array {
  const model = applyDelta(base, change);
  return writeModel(int8 ? quantizeModel(model) : model);
}

async function openEach<T extends { dispose(): Promise<void> }>(changes: readonly ModelDelta[], open: (change: ModelDelta, index: number) => Promise<T>): Promise<DeltaSessions<T>> {
  const sessions: T[] = [];
  const dispose = async (): Promise<void> => void (await Promise.all(sessions.map((session) => session.dispose())));
  try {
    for (const [index, change] of changes.entries()) sessions.push(await open(change, index));
  } catch (error) {
    await dispose();
    throw error;
  }
  return { sessions, dispose };
}
