import { dataType, elementCount, type ModelProto, type NodeProto, type TensorProto } from './model.js';
import { floatsOf } from './tied-weights.js';

// Beyond this a value stands for minus infinity in a mask.
const maskValue = 1e30;
// Inputs of rotary operators that are tables of cosines and sines.
const tableInputs: Readonly<Record<string, readonly number[]>> = { GroupQueryAttention: [7, 8], RotaryEmbedding: [1, 2, 3] };

/**
 * Float constants of more than one number that a model can learn, in the order of the file. Left out are tables that
 * are computed and not learned: what ends in a sine or cosine (rotary frequencies), rotary tables, and masks.
 */
export function trainableWeights({ graph }: ModelProto): TensorProto[] {
  const tables = new Set([...reaching(graph.nodes, new Set(['Sin', 'Cos'])), ...rotaryTables(graph.nodes)]);
  return graph.initializers.filter((tensor) => {
    if (tensor.type !== dataType.float32 || tensor.dims.length === 0 || elementCount(tensor.dims) < 2) return false;
    return !tables.has(tensor.name) && !floatsOf(tensor).some((value) => Math.abs(value) > maskValue);
  });
}

// What reads the shape of a value and not its numbers.
const shapeReaders = new Set(['Shape', 'Size']);

/** Names of the values whose numbers a sine or cosine depends on. */
function reaching(nodes: readonly NodeProto[], operators: ReadonlySet<string>): Set<string> {
  const reached = new Set<string>();
  for (const node of [...nodes].reverse()) {
    if (shapeReaders.has(node.operator)) continue;
    if (operators.has(node.operator) || node.outputs.some((name) => reached.has(name))) node.inputs.forEach((name) => reached.add(name));
  }
  return reached;
}

function rotaryTables(nodes: readonly NodeProto[]): string[] {
  return nodes.flatMap(({ operator, inputs }) => (tableInputs[operator] ?? []).flatMap((index) => inputs[index] ?? []));
}
