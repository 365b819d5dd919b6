import { AlignSquadError } from '@align-squad/core';
import { applyDelta, createDeltaSession, createSession, modelDelta, type Delta, type OnnxSession, type Pack } from '@align-squad/onnx';
import { quantizeModel, readModelFile, writeModel } from '@align-squad/onnx/graph';

/** How the deltas of a model are opened. */
export interface OpenDeltaOptions {
  readonly apply: 'request' | 'load';
  /** @default whether the manifest names the int8 form */
  readonly int8?: boolean | undefined;
  readonly cached?: number | undefined;
}

/** Sessions of one model of a pack, one a delta. */
export interface DeltaSessions {
  readonly sessions: readonly OnnxSession[];
  dispose(): Promise<void>;
}

const int8Ending = /_quantized\.onnx$/;

/**
 * Opens a model of a pack with each delta.
 * @throws AlignSquadError `pack-invalid` when the pack or a delta lacks the float32 model, `pack-hash-mismatch` for a delta of another base.
 */
export async function openDeltaSessions(pack: Pack, file: string, deltas: readonly Delta[], { apply, int8 = int8Ending.test(file), cached }: OpenDeltaOptions): Promise<DeltaSessions> {
  const floatFile = file.replace(int8Ending, '.onnx');
  if (pack.manifest.files[floatFile] === undefined) {
    throw new AlignSquadError(`The base has no float32 model ${JSON.stringify(floatFile)}, to which deltas are added: use a pack that was written with it.`, { code: 'pack-invalid' });
  }
  const changes = deltas.map((delta) => modelDelta(delta, floatFile));
  const base = await readModelFile(pack.path(floatFile));
  if (apply === 'request') return createDeltaSession(base, changes, { int8, cached });
  const sessions: OnnxSession[] = [];
  const dispose = async (): Promise<void> => void (await Promise.all(sessions.map((session) => session.dispose())));
  try {
    for (const change of changes) {
      const model = applyDelta(base, change);
      sessions.push(await createSession(writeModel(int8 ? quantizeModel(model) : model)));
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { sessions, dispose };
}
