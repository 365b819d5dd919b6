import { rename } from 'node:fs/promises';
import { createSession } from '@align-squad/onnx';

/**
 * Rewrites a graph file into the form that the ONNX runtime would give it at each start, which is most of what loading takes.
 * Not further than `extended`, whose graphs run on every kind of CPU.
 */
export async function optimizeGraph(path: string): Promise<void> {
  const part = `${path}.part`;
  const session = await createSession(path, { optimization: 'extended', saveOptimizedTo: part });
  await session.dispose();
  await rename(part, path);
}
