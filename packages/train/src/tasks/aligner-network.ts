import { createRandom } from '@align-squad/core';
import { addLora, dataType, importModel, requireFloatModel, type GraphBuilder, type ImportedModel, type ModelProto } from '@align-squad/onnx/graph';
import { exactRows } from '../losses/cross-entropy.js';
import { causalLoss, sequenceToSequenceLoss, tokenTaggingLoss } from '../losses/sequence-losses.js';
import { preferenceLoss, sequenceLogProbabilities } from '../losses/preference-loss.js';
import { appendModel, declareOnce, importedWeights } from '../models/trainable-graph.js';
import type { DeclareWeight, Weights } from '../models/weights.js';
import type { AlignerDesign } from './aligner-settings.js';
import type { ResolvedTrainConfig } from './train-config.js';

/** The graphs of an aligner by their path in a pack: one of a decoder or tagger, two of an encoder-decoder. */
export type AlignerModels = Readonly<Record<string, ModelProto>>;

/** Paths of each design's graphs, in the order in which they run. */
export const alignerFiles: Readonly<Record<AlignerDesign, readonly string[]>> = {
  decoder: ['onnx/model.onnx'],
  'encoder-decoder': ['onnx/encoder_model.onnx', 'onnx/decoder_model_merged.onnx'],
  'edit-tagger': ['onnx/model.onnx'],
};

/** Which loss is computed. */
export type AlignerObjective = 'correction' | 'preference' | 'log-probabilities';

/** An aligner that can be trained. */
export interface AlignerNetwork {
  readonly weights: Weights;
  readonly isTrained: (name: string) => boolean;
  /** Value names: `loss`, with `exact` [batch] of a correction, or `log_probabilities` [batch]. */
  build(graph: GraphBuilder, weight: DeclareWeight, dims: readonly number[], objective: AlignerObjective): Promise<Readonly<Record<string, string>>>;
  /** The graphs with trained weights. */
  export(weights: Weights): AlignerModels;
}

/** Makes the graphs of an aligner trainable, all weights or low-rank adapters. Throws `model-invalid` for quantised ones. */
export function createAlignerNetwork(models: AlignerModels, design: AlignerDesign, config: ResolvedTrainConfig): AlignerNetwork {
  for (const model of Object.values(models)) requireFloatModel(model);
  const random = createRandom(config.seed);
  const adapted = Object.entries(models).map(([path, model]) => {
    const lora = config.method === 'lora' ? addLora(model, { rank: config.loraRank, random }) : undefined;
    return { path, lora, imported: importModel(lora?.model ?? model) };
  });
  const parts = adapted.map(({ imported }) => imported);
  const adapters = new Set(adapted.flatMap(({ lora }) => lora?.names ?? []));
  return {
    weights: importedWeights(...parts),
    isTrained: config.method === 'lora' ? (name) => adapters.has(name) : () => true,
    async build(graph, weight, dims, objective) {
      const logits = await forward[design](graph, declareOnce(weight), parts, dims);
      if (objective === 'log-probabilities') return { log_probabilities: sequenceLogProbabilities(graph, logits) };
      if (objective === 'preference') return { loss: preferenceLoss(graph, logits, { beta: config.aligner.beta ?? 0.1 }) };
      return { loss: losses[design](graph, logits), exact: exactRows(graph, logits) };
    },
    export: (weights) =>
      Object.fromEntries(adapted.map(({ path, lora, imported }) => {
        if (lora === undefined) return [path, imported.export(weights)];
        return [path, lora.merge(new Map([...weights].map(([name, { data }]) => [name, data])))];
      })),
  };
}

const losses = { decoder: causalLoss, 'encoder-decoder': sequenceToSequenceLoss, 'edit-tagger': tokenTaggingLoss } as const;

type Forward = (graph: GraphBuilder, weight: DeclareWeight, parts: readonly ImportedModel[], dims: readonly number[]) => Promise<string>;

const ids = (graph: GraphBuilder, name: string, dims: readonly number[]): string => graph.input(name, dataType.int64, dims);

const single: Forward = async (graph, weight, [model], [batch = 1, sequence = 1]) => {
  const dims = [batch, sequence];
  const wanted = ['input_ids', 'attention_mask', 'position_ids'].filter((name) => model?.inputs.some((input) => input.name === name));
  const inputs = Object.fromEntries(wanted.map((name) => [name, ids(graph, name, dims)]));
  const outputs = model === undefined ? {} : await appendModel(graph, weight, model, inputs);
  return outputs['logits'] ?? '';
};

const forward: Readonly<Record<AlignerDesign, Forward>> = {
  decoder: single,
  'edit-tagger': single,
  async 'encoder-decoder'(graph, weight, [encoder, decoder], [batch = 1, source = 1, target = 1]) {
    if (encoder === undefined || decoder === undefined) return '';
    const attentionMask = ids(graph, 'attention_mask', [batch, source]);
    const encoded = await appendModel(graph, weight, encoder, { input_ids: ids(graph, 'input_ids', [batch, source]), attention_mask: attentionMask });
    const outputs = await appendModel(graph, weight, decoder, {
      input_ids: ids(graph, 'decoder_input_ids', [batch, target]),
      encoder_hidden_states: encoded['last_hidden_state'] ?? '',
      encoder_attention_mask: attentionMask,
    });
    return outputs['logits'] ?? '';
  },
};
