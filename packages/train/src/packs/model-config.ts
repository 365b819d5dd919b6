import type { EncoderDecoderShape } from '../models/encoder-decoder.js';
import { rmsNormEpsilon } from '../models/rms-norm.js';
import { resolveShape, type TransformerShape } from '../models/transformer-shape.js';

/** Fields of config.json. */
export type ConfigFields = Readonly<Record<string, unknown>>;

/** Sizes of a decoder in the fields of Llama. */
export function decoderConfig(shape: TransformerShape): ConfigFields {
  const { keyValueHeads, headSize, ropeTheta } = resolveShape(shape);
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    ...commonSizes(shape),
    num_key_value_heads: keyValueHeads,
    head_dim: headSize,
    hidden_act: 'silu',
    rms_norm_eps: rmsNormEpsilon,
    rope_theta: ropeTheta,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: true,
  };
}

/** Sizes of an encoder-decoder in the fields of T5. */
export function encoderDecoderConfig(shape: EncoderDecoderShape): ConfigFields {
  const { keyValueHeads, headSize, ropeTheta } = resolveShape(shape);
  return {
    architectures: ['T5ForConditionalGeneration'],
    model_type: 't5',
    is_encoder_decoder: true,
    vocab_size: shape.vocabularySize,
    d_model: shape.width,
    d_kv: headSize,
    d_ff: shape.feedForwardWidth,
    num_layers: shape.layers,
    num_decoder_layers: shape.decoderLayers ?? shape.layers,
    num_heads: shape.attentionHeads,
    num_key_value_heads: keyValueHeads,
    n_positions: shape.maxTokens,
    feed_forward_proj: 'gated-silu',
    layer_norm_epsilon: rmsNormEpsilon,
    rope_theta: ropeTheta,
    tie_word_embeddings: true,
  };
}

/** What the outputs of an encoder mean. */
export interface EncoderLabels {
  readonly task: 'TokenClassification' | 'SequenceClassification';
  readonly labels: readonly string[];
  /** Each label has a probability of its own. */
  readonly multiLabel?: boolean | undefined;
}

/** Sizes and labels of an encoder in the fields of BERT. */
export function encoderConfig(shape: TransformerShape, { task, labels, multiLabel }: EncoderLabels): ConfigFields {
  const problem = multiLabel === true ? 'multi_label_classification' : 'single_label_classification';
  return {
    architectures: [`BertFor${task}`],
    model_type: 'bert',
    ...commonSizes(shape),
    hidden_act: 'silu',
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    ...(task === 'SequenceClassification' ? { problem_type: problem } : {}),
  };
}

function commonSizes(shape: TransformerShape): ConfigFields {
  return {
    vocab_size: shape.vocabularySize,
    hidden_size: shape.width,
    intermediate_size: shape.feedForwardWidth,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.attentionHeads,
    max_position_embeddings: shape.maxTokens,
  };
}
