import { readTensors } from './read-tensors.js';
import { writeTensors } from './write-tensors.js';
import type { Weights } from './weights.js';

/**
 * Writes weights as a safetensors file, whole or not at all.
 * @throws AlignSquadError `training-failed` when the file can't be written, saying so where the disk is full.
 */
export function writeWeights(path: string, weights: Weights): Promise<void> {
  return writeTensors(path, weights);
}

/**
 * Reads float32 weights from a safetensors file.
 * @throws AlignSquadError `training-failed` when the file is missing, cut short, or not safetensors of float32.
 */
export async function readWeights(path: string): Promise<Weights> {
  return (await readTensors(path)).tensors;
}
