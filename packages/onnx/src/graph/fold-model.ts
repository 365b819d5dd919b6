import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession } from '../session/session.js';
import type { ModelProto } from './model.js';
import { readModel } from './read-model.js';
import { writeModel } from './write-model.js';

/**
 * The model with everything worked out that follows from its constants and fixed input shapes, by the runtime's basic
 * optimisations, which leave only standard operators. Branches with a constant condition are gone.
 * @throws AlignSquadError `model-invalid` when the runtime refuses the graph.
 */
export async function foldModel(model: ModelProto): Promise<ModelProto> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-fold-'));
  try {
    const path = join(folder, 'folded.onnx');
    const session = await createSession(writeModel(model), { optimization: 'basic', saveOptimizedTo: path, memoryArena: false });
    await session.dispose();
    return readModel(await readFile(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
