import { intAttribute } from '../attributes.js';
import { dataType } from '../model.js';
import type { ShapeRequest } from './shape-rule.js';

const booleans = new Set('Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Not IsNaN IsInf'.split(' '));
const integers = new Set('Shape Size ArgMax ArgMin NonZero'.split(' '));
// The input whose element type the outputs have, where it is not the first.
const typeInputs: Readonly<Record<string, number>> = { Where: 1, CastLike: 1, OneHot: 2 };
// Types of outputs after the first.
const laterOutputs: Readonly<Record<string, number>> = {
  TopK: dataType.int64,
  Dropout: dataType.bool,
  LayerNormalization: dataType.float32,
  SimplifiedLayerNormalization: dataType.float32,
};

/** The element type of a node's output. */
export function outputType(request: ShapeRequest, output: number): number {
  const { operator, inputs, attributes } = request;
  const later = output > 0 ? laterOutputs[operator] : undefined;
  if (later !== undefined) return later;
  if (operator === 'Cast') return intAttribute(request, 'to', dataType.float32);
  if (booleans.has(operator)) return dataType.bool;
  if (integers.has(operator)) return dataType.int64;
  if (operator === 'ConstantOfShape') return attributes['value']?.kind === 'tensor' ? attributes['value'].value.type : dataType.float32;
  return inputs[typeInputs[operator] ?? 0]?.type ?? 0;
}
