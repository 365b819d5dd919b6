import { readFile } from 'node:fs/promises';
import { createSession, type Pack } from '@align-squad/onnx';
import { dataType, writeModel, type Attribute, type NodeProto } from '@align-squad/onnx/graph';
import type { PackInspectorOptions } from './pack-inspector.js';

const wordpiece = new URL('../../../onnx/fixtures/tokenizers/wordpiece/', import.meta.url);

/** An encoder of one head and no scores of sentences, in the layout of BERT: +5 where it sees the token, -5 where it does not. */
export function wordEncoder(token: number): Uint8Array {
  const node = (operator: string, inputs: readonly string[], output: string, attributes: Readonly<Record<string, Attribute>> = {}): NodeProto => ({
    operator, domain: '', name: '', inputs, outputs: [output], attributes,
  });
  const constant = (name: string, type: number, data: Float32Array | BigInt64Array) => ({ name, type, dims: [1], bytes: new Uint8Array(data.buffer) });
  const graph = {
    name: 'graph',
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({ name, type: dataType.int64, dims: ['batch', 'sequence'] })),
    outputs: [{ name: 'logits', type: dataType.float32, dims: ['batch', 1] }],
    initializers: [
      constant('token', dataType.int64, BigInt64Array.of(BigInt(token))),
      constant('axis', dataType.int64, BigInt64Array.of(1n)),
      constant('ten', dataType.float32, Float32Array.of(10)),
      constant('five', dataType.float32, Float32Array.of(5)),
    ],
    nodes: [
      node('Mul', ['input_ids', 'attention_mask'], 'masked'),
      node('Add', ['masked', 'token_type_ids'], 'ids'),
      node('Equal', ['ids', 'token'], 'is_token'),
      node('Cast', ['is_token'], 'found', { to: { kind: 'int', value: dataType.float32 } }),
      node('ReduceMax', ['found', 'axis'], 'any', { keepdims: { kind: 'int', value: 1 } }),
      node('Mul', ['any', 'ten'], 'scaled'),
      node('Sub', ['scaled', 'five'], 'logits'),
    ],
  };
  return writeModel({ irVersion: 9, opsets: { '': 20 }, graph, functions: [], metadata: {} });
}

/** A pack of one criterion around the tokenizer of a BERT, whose tokens it names; with what to load its encoder by. */
export function bertPack(change: Readonly<Record<string, unknown>> = {}): Pack {
  const inspector = {
    model: 'model.onnx',
    tokenizer: 'tokenizer.json',
    tokens: { pad: '[PAD]', start: '[CLS]', separator: '[SEP]', mask: '[MASK]' },
    features: 'pooled',
    limits: { maxTokens: 64, promptTokens: 8, contextTokens: 16 },
    heads: [{ criterion: 'safe', needsContext: false, threshold: 0.5, calibration: { scale: 1, bias: 0 }, acrossStretches: 'max' }],
    ...change,
  };
  const names = { schemaVersion: 1, name: 'bert-pack', version: '0.0.1', language: 'en', license: 'Apache-2.0', files: {} } as const;
  const unused = async (): Promise<Uint8Array> => new Uint8Array();
  return {
    manifest: { ...names, inspector },
    directory: '',
    path: (file) => file,
    readBytes: unused,
    readJson: async (file) => JSON.parse(await readFile(new URL(file, wordpiece), 'utf8')) as unknown,
  };
}

/** Loads `model` whatever path is asked for; `seen` is told of the ids of each run. */
export function loading(model: Uint8Array, seen: (ids: readonly number[]) => void = () => undefined): PackInspectorOptions {
  return {
    createSession: async (_path, options) => {
      const session = await createSession(model, options);
      return { ...session, run: (inputs, outputs) => (seen(Array.from(inputs['input_ids']?.data ?? [], Number)), session.run(inputs, outputs)) };
    },
  };
}
