import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';

/** Factors that turn the two halves of a head's vector by its position (Su et al. 2021); float [batch, 1, sequence, head size]. */
export interface RotaryFactors {
  readonly cosine: string;
  readonly sine: string;
}

/**
 * Rotary factors of `positions`, int64 [batch, sequence], in the layout of Llama: dimension i turns with i + head size / 2.
 * They carry the scale of the attention: queries and keys turned with them need no division by sqrt(head size).
 */
export function rotaryFactors(graph: GraphBuilder, positions: string, headSize: number, theta: number): RotaryFactors {
  const half = headSize / 2;
  const both = (place: (index: number) => number): string => graph.cast(graph.int(Array.from({ length: headSize }, (_, index) => place(index))), dataType.float32);
  // Whole numbers until here, so that no frequency is taken for a weight to train.
  const frequency = graph.op('Exp', [graph.mul(both((index) => index % half), graph.float(-Math.log(theta) / half))]);
  const signed = graph.mul(frequency, both((index) => (index < half ? -1 : 1)));
  const angle = graph.mul(graph.unsqueeze(graph.cast(positions, dataType.float32), [1, 3]), signed);
  const scale = graph.float(headSize ** -0.25);
  return { cosine: graph.mul(graph.op('Cos', [angle]), scale), sine: graph.mul(graph.op('Sin', [angle]), scale) };
}

/** Turns queries or keys: x [batch, heads, sequence, head size] -> same. */
export function rotate(graph: GraphBuilder, x: string, { cosine, sine }: RotaryFactors, headSize: number): string {
  const [first = '', second = ''] = graph.node('Split', [x, graph.int([headSize / 2, headSize / 2])], { attributes: { axis: 3 }, outputs: 2 });
  // The sine of the first half is negative.
  const swapped = graph.op('Concat', [second, first], { axis: 3 });
  return graph.add(graph.mul(x, cosine), graph.mul(swapped, sine));
}
