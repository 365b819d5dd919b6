import { AlignSquadError } from '@align-squad/core';
import type { ModelProto, NodeProto } from '@align-squad/onnx/graph';

// What may stand between a classifier's matrix product and its logits.
const passing = new Set(['Add', 'Mul', 'Cast', 'Identity', 'Reshape', 'Squeeze', 'Flatten']);
const products = new Set(['MatMul', 'Gemm', 'MatMulInteger', 'FusedMatMul']);
const vectorOutputs = ['pooler_output', 'sentence_embedding', 'embeddings', 'last_hidden_state', 'token_embeddings'];

/**
 * Name of the value that a new classification head can be put on: what the classifier of `logits` reads, or the
 * encoder's output where the model has no classifier.
 * @throws AlignSquadError `model-invalid` when the graph has neither.
 */
export function findFeatures({ graph }: ModelProto): string {
  const names = graph.outputs.map(({ name }) => name);
  // Packs that were made with further heads in mind say so.
  if (names.includes('features')) return 'features';
  const given = vectorOutputs.find((name) => names.includes(name));
  const found = names.includes('logits') ? classifierInput(graph.nodes, 'logits') : undefined;
  const features = found ?? given;
  if (features !== undefined) return features;
  throw new AlignSquadError(
    `The base has no output to put a head on: expected \`logits\` or one of ${vectorOutputs.join(', ')}.`,
    { code: 'model-invalid' },
  );
}

function classifierInput(nodes: readonly NodeProto[], output: string): string | undefined {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name): [string, NodeProto] => [name, node])));
  let waiting = [output];
  // Breadth first: the product nearest to the logits is the classifier's.
  while (waiting.length > 0) {
    const reached = waiting.flatMap((name) => producers.get(name) ?? []);
    const product = reached.find(({ operator }) => products.has(operator));
    if (product !== undefined) return beforeQuantization(producers, product.inputs[0] ?? '');
    waiting = reached.filter(({ operator }) => passing.has(operator)).flatMap(({ inputs }) => inputs);
  }
  return undefined;
}

/** An int8 product reads a quantised value; the float one before it is meant. */
function beforeQuantization(producers: ReadonlyMap<string, NodeProto>, name: string): string {
  const producer = producers.get(name);
  return producer?.operator === 'DynamicQuantizeLinear' ? (producer.inputs[0] ?? name) : name;
}
