import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTextTokenizer } from '@align-squad/onnx';
import { dataType, writeModel, type Attribute, type NodeProto } from '@align-squad/onnx/graph';

const tokenizerFolder = fileURLToPath(new URL('../../../onnx/fixtures/tokenizers/wordpiece/', import.meta.url));

/** Labels of the tiny classifier: a logit of 3 each for a text with its word, -3 without; `other` has 0. */
export const tinyLabels = ['other', 'harm', 'gas'] as const;

/**
 * Writes a sequence classifier in the layout of the Hugging Face hub into a temporary folder, and gives its path.
 * One that is failing loads, and then fails on every input.
 */
export async function writeTinyClassifier(config: Readonly<Record<string, unknown>> = {}, { isFailing = false } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-classifier-'));
  const tokenizer = await loadTextTokenizer(new URL('../../../onnx/fixtures/tokenizers/wordpiece/', import.meta.url));
  await cp(tokenizerFolder, folder, { recursive: true });
  await mkdir(join(folder, 'onnx'));
  const ids = tinyLabels.map((label) => (label === 'other' ? -1 : tokenizer.tokenId(label) ?? -2));
  await writeFile(join(folder, 'onnx', 'model.onnx'), wordClassifier(ids, isFailing));
  const id2label = Object.fromEntries(tinyLabels.map((label, index) => [index, label]));
  const all = { model_type: 'bert', architectures: ['BertForSequenceClassification'], id2label, max_position_embeddings: 32, ...config };
  await writeFile(join(folder, 'config.json'), JSON.stringify(all));
  return folder;
}

/** `logits` [1, labels]: 3 where an id is that of the label, -3 where none is, and 0 for the label of id -1. */
function wordClassifier(ids: readonly number[], isFailing: boolean): Uint8Array {
  const node = (operator: string, inputs: readonly string[], output: string, attributes: Readonly<Record<string, Attribute>> = {}): NodeProto => ({
    operator, domain: '', name: '', inputs, outputs: [output], attributes,
  });
  const constant = (name: string, type: number, dims: readonly number[], data: Float32Array | BigInt64Array) => ({ name, type, dims: [...dims], bytes: new Uint8Array(data.buffer) });
  const graph = {
    name: 'graph',
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({ name, type: dataType.int64, dims: ['batch', 'sequence'] })),
    outputs: [{ name: 'logits', type: dataType.float32, dims: ['batch', ids.length] }],
    initializers: [
      constant('tokens', dataType.int64, [1, 1, ids.length], BigInt64Array.from(ids, BigInt)),
      // A place that every input has, or none.
      constant('far', dataType.int64, [1], BigInt64Array.of(isFailing ? 99_999n : 0n)),
      constant('last', dataType.int64, [1], BigInt64Array.of(2n)),
      constant('first', dataType.int64, [1], BigInt64Array.of(1n)),
      constant('scale', dataType.float32, [ids.length], Float32Array.from(ids, (id) => (id === -1 ? 0 : 6))),
      constant('offset', dataType.float32, [ids.length], Float32Array.from(ids, (id) => (id === -1 ? 0 : 3))),
    ],
    nodes: [
      node('Gather', ['input_ids', 'far'], 'beyond', { axis: { kind: 'int', value: 1 } }),
      node('Mul', [isFailing ? 'beyond' : 'input_ids', 'attention_mask'], 'ids'),
      node('Unsqueeze', ['ids', 'last'], 'each'),
      node('Equal', ['each', 'tokens'], 'is_token'),
      node('Cast', ['is_token'], 'found', { to: { kind: 'int', value: dataType.float32 } }),
      node('ReduceMax', ['found', 'first'], 'any', { keepdims: { kind: 'int', value: 0 } }),
      node('Mul', ['any', 'scale'], 'scaled'),
      node('Sub', ['scaled', 'offset'], 'logits'),
    ],
  };
  return writeModel({ irVersion: 9, opsets: { '': 20 }, graph, functions: [], metadata: {} });
}
