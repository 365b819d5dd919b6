import { readFile } from 'node:fs/promises';
import { dataType, readModel, writeModel, type Attribute, type ModelProto, type NodeProto, type TensorProto, type ValueProto } from '../graph/index.js';

/** A model set by hand that copies what stands between two markers, token by token through `next`, then ends. */
export interface CopyModel {
  readonly vocabularySize: number;
  readonly init: number;
  readonly aligned: number;
  readonly done: number;
  /** What a token becomes. @default itself */
  readonly next?: ((id: number) => number) | undefined;
}

/** Shape of the KV cache of the copying decoders. */
export const copyCache = { heads: 1, headSize: 1 } as const;

function node(operator: string, inputs: readonly string[], outputs: string | readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): NodeProto {
  return { operator, domain: '', name: '', inputs, outputs: [outputs].flat(), attributes };
}

const int = (value: number): Attribute => ({ kind: 'int', value });

function constant(name: string, numbers: readonly number[], dims: readonly number[] = [numbers.length]): TensorProto {
  return { name, dims, type: dataType.int64, bytes: new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer) };
}

function value(name: string, type: number = dataType.int64, dims?: ValueProto['dims']): ValueProto {
  return { name, type, dims: dims ?? ['batch', `${name}_length`] };
}

const past = (name: string): ValueProto => value(name, dataType.float32, ['batch', 1, `${name}_length`, 1]);

function model(inputs: readonly ValueProto[], outputs: readonly ValueProto[], nodes: readonly NodeProto[], initializers: readonly TensorProto[] = []): Uint8Array {
  return writeModel({ irVersion: 9, opsets: { '': 20 }, graph: { name: 'graph', nodes, initializers, inputs, outputs }, functions: [], metadata: {} });
}

/** From the tokens of a source, `flat`, and `given`, how many were given: the logits of the next one. */
function copyNodes({ vocabularySize, init, aligned, done, next = (id) => id }: CopyModel): { nodes: NodeProto[]; constants: TensorProto[] } {
  const ids = Array.from({ length: vocabularySize }, (_, id) => id);
  const place = (marker: string): NodeProto[] => [
    node('Equal', ['flat', marker], `is_${marker}`),
    node('Cast', [`is_${marker}`], `has_${marker}`, { to: int(dataType.int32) }),
    node('ArgMax', [`has_${marker}`], `at_${marker}`, { axis: int(0), keepdims: int(1) }),
  ];
  return {
    constants: [
      constant('init', [init]), constant('aligned', [aligned]), constant('one', [1]), constant('minus_one', [-1]), constant('ids', ids),
      constant('map', ids.map((id) => (id === aligned ? done : next(id)))), constant('logits_shape', [1, 1, -1]),
    ],
    nodes: [
      ...place('init'),
      node('Add', ['at_init', 'one'], 'first'),
      node('Add', ['first', 'given'], 'source'),
      node('Size', ['flat'], 'size'),
      node('Add', ['size', 'minus_one'], 'last'),
      node('Min', ['source', 'last'], 'within'),
      node('Gather', ['flat', 'within'], 'token'),
      node('Gather', ['map', 'token'], 'mapped'),
      node('Equal', ['ids', 'mapped'], 'is_next'),
      node('Cast', ['is_next'], 'flat_logits', { to: int(dataType.float32) }),
      node('Reshape', ['flat_logits', 'logits_shape'], 'logits'),
    ],
  };
}

/** A decoder in the layout of transformers.js that continues `... [INIT] y [ALIGNED]` with y; its cache is what it has read. */
export function copyDecoder(options: CopyModel): Uint8Array {
  const { nodes, constants } = copyNodes(options);
  const append = (part: string): NodeProto => node('Concat', [`past_key_values.0.${part}`, 'read'], `present.0.${part}`, { axis: int(2) });
  return model(
    [value('input_ids'), value('attention_mask'), value('position_ids'), past('past_key_values.0.key'), past('past_key_values.0.value')],
    [value('logits', dataType.float32, ['batch', 'rows', options.vocabularySize]), past('present.0.key'), past('present.0.value')],
    [
      node('Cast', ['input_ids'], 'floats', { to: int(dataType.float32) }),
      node('Reshape', ['floats', 'cache_shape'], 'read'),
      append('key'),
      append('value'),
      node('Cast', ['present.0.value'], 'whole', { to: int(dataType.int64) }),
      node('Reshape', ['whole', 'minus_one'], 'flat'),
      node('Equal', ['flat', 'aligned'], 'is_aligned'),
      node('Cast', ['is_aligned'], 'has_aligned', { to: int(dataType.int32) }),
      node('ArgMax', ['has_aligned'], 'at_aligned', { axis: int(0), keepdims: int(1) }),
      // The place of the last token by the mask and by its position, which must agree.
      node('ReduceSum', ['attention_mask', 'axis_one'], 'seen', { keepdims: int(0) }),
      node('ReduceMax', ['position_ids', 'axis_one'], 'position', { keepdims: int(0) }),
      node('Sub', ['seen', 'position'], 'excess'),
      node('Div', ['position', 'excess'], 'place'),
      node('Sub', ['place', 'at_aligned'], 'given'),
      ...nodes,
    ],
    [...constants, constant('cache_shape', [1, 1, -1, 1]), constant('axis_one', [1])],
  );
}

/** An encoder whose states are the tokens themselves. */
export function copyEncoder(): Uint8Array {
  return model(
    [value('input_ids'), value('attention_mask')],
    [value('last_hidden_state', dataType.float32, ['batch', 'length', 1])],
    [
      node('Mul', ['input_ids', 'attention_mask'], 'masked'),
      node('Cast', ['masked'], 'floats', { to: int(dataType.float32) }),
      node('Unsqueeze', ['floats', 'axis'], 'last_hidden_state'),
    ],
    [constant('axis', [2])],
  );
}

/**
 * The decoder to `copyEncoder`, one graph for all passes: the first reads the encoder's states, later ones their cache,
 * and then give a placeholder for it as such graphs do.
 */
export function copyEncoderDecoder(options: CopyModel): Uint8Array {
  const { nodes, constants } = copyNodes(options);
  const parts = ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value'];
  const own = (part: string): NodeProto => node('Concat', [`past_key_values.0.${part}`, 'read'], `present.0.${part}`, { axis: int(2) });
  const encoded = (part: string): NodeProto[] => [
    node('Concat', [`past_key_values.0.${part}`, 'fresh'], `${part}.all`, { axis: int(2) }),
    node('Slice', [`${part}.all`, 'zero', 'fresh_end', 'axis_two'], `present.0.${part}`),
  ];
  return model(
    [
      value('input_ids'), value('encoder_attention_mask'), value('encoder_hidden_states', dataType.float32, ['batch', 'encoded', 1]),
      value('use_cache_branch', dataType.bool, [1]), ...parts.map((part) => past(`past_key_values.0.${part}`)),
    ],
    [value('logits', dataType.float32, ['batch', 'rows', options.vocabularySize]), ...parts.map((part) => past(`present.0.${part}`))],
    [
      node('Cast', ['input_ids'], 'floats', { to: int(dataType.float32) }),
      node('Reshape', ['floats', 'cache_shape'], 'read'),
      own('decoder.key'),
      own('decoder.value'),
      node('Cast', ['use_cache_branch'], 'uses_cache', { to: int(dataType.int64) }),
      node('Sub', ['one', 'uses_cache'], 'is_fresh'),
      node('Mul', ['is_fresh', 'many'], 'fresh_end'),
      node('Reshape', ['encoder_hidden_states', 'cache_shape'], 'states'),
      node('Slice', ['states', 'zero', 'fresh_end', 'axis_two'], 'fresh'),
      ...encoded('encoder.key'),
      ...encoded('encoder.value'),
      node('Cast', ['encoder.value.all'], 'whole', { to: int(dataType.int64) }),
      node('Reshape', ['whole', 'minus_one'], 'flat'),
      node('Size', ['present.0.decoder.value'], 'decoded'),
      node('Sub', ['decoded', 'one'], 'given'),
      ...nodes,
    ],
    [...constants, constant('cache_shape', [1, 1, -1, 1]), constant('zero', [0]), constant('many', [1_000_000]), constant('axis_two', [2])],
  );
}

/** The GPT-2 fixture in the layout of transformers.js: int64 ids, and keys and values apart. 5 layers, 4 heads of size 8. */
export async function fixtureDecoder(): Promise<Uint8Array> {
  const source = readModel(await readFile(new URL('../../fixtures/tiny-random-gpt2/past.onnx', import.meta.url)));
  const { graph } = source;
  const ids = graph.inputs.filter(({ type }) => type === dataType.int32);
  const layers = graph.inputs.flatMap(({ name }) => /^past_(\d+)$/.exec(name)?.[1] ?? []);
  const cache = (prefix: string): ValueProto[] => layers.flatMap((layer) => ['key', 'value'].map((part) => value(`${prefix}.${layer}.${part}`, dataType.float32, ['batch', 4, prefix, 8])));
  const stretch = (layer: string, part: string): NodeProto => node('Unsqueeze', [`past_key_values.${layer}.${part}`], `${part}_${layer}`, { axes: { kind: 'ints', value: [0] } });
  const converted: ModelProto = {
    ...source,
    graph: {
      ...graph,
      inputs: [...ids.map(({ name, dims }) => value(name, dataType.int64, dims)), ...cache('past_key_values')],
      outputs: [...graph.outputs.filter(({ name }) => name === 'logits'), ...cache('present')],
      initializers: [...graph.initializers, constant('part_key', [0], []), constant('part_value', [1], [])],
      nodes: [
        ...ids.map(({ name }) => node('Cast', [name], `${name}_32`, { to: int(dataType.int32) })),
        ...layers.flatMap((layer) => [stretch(layer, 'key'), stretch(layer, 'value'), node('Concat', [`key_${layer}`, `value_${layer}`], `past_${layer}`, { axis: int(0) })]),
        ...graph.nodes.map((each) => ({ ...each, inputs: each.inputs.map((name) => (ids.some((input) => input.name === name) ? `${name}_32` : name)) })),
        ...layers.flatMap((layer) => ['key', 'value'].map((part) => node('Gather', [`present_${layer}`, `part_${part}`], `present.${layer}.${part}`, { axis: int(0) }))),
      ],
    },
  };
  return writeModel(converted);
}
