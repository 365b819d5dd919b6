import { fileURLToPath } from 'node:url';
import type { OnnxSession } from '@align-squad/onnx';
import { encoderFile } from '@align-squad/pack-en';

/**
 * Starts the encoder of the embedded pack, on worker threads where there are any: a thread then loads while the pack is
 * verified and its tokenizer is built. Who loads the pack disposes of it.
 */
export async function startDefaultEncoder(workers: number): Promise<OnnxSession> {
  const { createSession, createSessionPool } = await import('@align-squad/onnx');
  const path = fileURLToPath(encoderFile);
  // The recipe has optimised the graph.
  const optimization = 'disabled';
  return workers > 0 ? createSessionPool(path, { workers, optimization, transferInputs: true }) : createSession(path, { optimization });
}
