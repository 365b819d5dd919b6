import { GraphBuilder, dataType, joinModels, selectOutputs, type ModelProto } from '@align-squad/onnx/graph';
import { classificationHead } from '../models/classification-head.js';
import { frozenWeights, type Weights } from '../models/weights.js';

/** What a head is put on. */
export interface HeadBase {
  readonly model: ModelProto;
  /** Value of the model that the head reads, of rank 2 or 3. */
  readonly features: string;
  readonly rank: 2 | 3;
  readonly width: number;
}

/** Options of `withHead`. */
export interface HeadOptions {
  readonly weights: Weights;
  readonly heads: number;
  /** Keep the heads that the model has: the new ones come after them, and a sentence gets the score of its response. */
  readonly keep: boolean;
}

/** The model with a new linear head: `logits` [batch, heads], after those that it had where they are kept. */
export function withHead(base: HeadBase, { weights, heads, keep }: HeadOptions): ModelProto {
  const names = base.model.graph.outputs.map(({ name }) => name);
  const kept = keep ? ['logits', 'sentence_logits'].filter((name) => names.includes(name)) : [];
  const body = renameOutputs(selectOutputs(base.model, [...kept, base.features]), kept);
  const graph = new GraphBuilder();
  const features = graph.input('head_features', dataType.float32, base.rank === 2 ? ['batch', base.width] : ['batch', 'sequence', base.width]);
  const attentionMask = graph.input('attention_mask', dataType.int64, ['batch', 'sequence']);
  const logits = classificationHead(graph, frozenWeights(graph, weights), { features, attentionMask, width: base.width, heads });
  const outputs = kept.length === 0 ? { [logits]: 'logits' } : joinHeads(graph, logits, kept, heads);
  const bindings = { head_features: base.features, ...Object.fromEntries(kept.map((name) => [`former_${name}`, `former_${name}`])) };
  return joinModels(body, graph.model(Object.keys(outputs), outputs), { bindings, prefix: 'head.' });
}

function joinHeads(graph: GraphBuilder, logits: string, kept: readonly string[], heads: number): Record<string, string> {
  const former = graph.input('former_logits', dataType.float32, ['batch', 'former']);
  const outputs = { [graph.op('Concat', [former, logits], { axis: 1 })]: 'logits' };
  if (!kept.includes('sentence_logits')) return outputs;
  const sentences = graph.input('former_sentence_logits', dataType.float32, ['batch', 'sequence', 'former']);
  // Zeros of [batch, sequence, 1], from a value of that length, spread the response's score over its tokens.
  const zeros = graph.mul(graph.slice(sentences, 2, 0, 1), graph.float(0));
  const spread = graph.add(zeros, graph.reshape(logits, [0, 1, heads]));
  return { ...outputs, [graph.op('Concat', [sentences, spread], { axis: 2 })]: 'sentence_logits' };
}

/** The former heads get other names, so that the new ones can have theirs. */
function renameOutputs(model: ModelProto, names: readonly string[]): ModelProto {
  const rename = (name: string): string => (names.includes(name) ? `former_${name}` : name);
  const nodes = model.graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }));
  const outputs = model.graph.outputs.map((output) => ({ ...output, name: rename(output.name) }));
  return { ...model, graph: { ...model.graph, nodes, outputs } };
}
