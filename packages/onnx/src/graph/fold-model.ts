import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession } from '../session/session.js';
import type { ModelProto } from './model.js';
import { readModel } from './read-model.js';
import { writeModel } from './write-model.js';

/**
 * The model after the runtime has computed what depends on constants and fixed shapes alone, and has put branches whose
 * condition is known into their places.
 * @throws AlignSquadError `model-invalid` when the runtime can't load the model.
 */
export async function foldModel(model: ModelProto): Promise<ModelProto> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
  try {
    const path = join(folder, 'folded.onnx');
    const session = await createSession(writeModel(model), { optimization: 'basic', saveOptimizedTo: path, memoryArena: false });
    await session.dispose();
    return readModel(await readFile(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
