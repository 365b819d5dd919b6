import { AlignSquadError } from '@align-squad/core';
import type { Tensor } from '../session/tensor.js';

/**
 * The last `count` positions of keys or values [batch, heads, positions, head size], one head after the other; without a copy
 * where there are no others.
 * @throws AlignSquadError `model-invalid` for another tensor, or fewer positions.
 */
export function newRowsOf(tensor: Tensor | undefined, count: number): Float32Array {
  const [batch = 0, heads = 0, positions = 0, headSize = 0] = tensor?.dims ?? [];
  if (tensor?.type !== 'float32' || tensor.dims.length !== 4 || positions < count) {
    throw new AlignSquadError('The decoder gave no usable keys and values: expected float32 numbers [batch, heads, positions, head size].', { code: 'model-invalid' });
  }
  if (positions === count) return tensor.data;
  const rows = new Float32Array(batch * heads * count * headSize);
  for (let lane = 0; lane < batch * heads; lane++) {
    const end = (lane + 1) * positions * headSize;
    rows.set(tensor.data.subarray(end - count * headSize, end), lane * count * headSize);
  }
  return rows;
}
