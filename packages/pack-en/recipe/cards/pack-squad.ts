import { createPackAligner } from '@align-squad/aligner';
import type { Inspector } from '@align-squad/core';
import { createPackInspector } from '@align-squad/inspector';
import type { Pack } from '@align-squad/onnx';
import { createSquad, type Squad } from '@align-squad/squad';
import { availableParallelism } from 'node:os';

/** The squad of one pack, with the inspector that it asks. */
export interface PackSquad {
  readonly inspector: Inspector;
  readonly squad: Squad;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes the squad of a pack as people get it by default: inspections on worker threads, rewrites on this one. */
export async function createPackSquad(pack: Pack): Promise<PackSquad> {
  const inspector = await createPackInspector(pack, { workers: Math.min(availableParallelism(), 4) });
  try {
    const aligner = await createPackAligner(pack, { inspector });
    const squad = createSquad({ inspectors: [inspector], aligners: [aligner] });
    const dispose = async (): Promise<void> => {
      await Promise.all([aligner.dispose(), inspector.dispose()]);
    };
    return { inspector, squad, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await inspector.dispose();
    throw error;
  }
}
