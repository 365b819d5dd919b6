import { AlignSquadError } from '@align-squad/core';
import { inferShapes, type ValueInfo } from './infer-shape.js';
import { dataType, type Attribute, type Dimension, type ModelProto, type NodeProto, type TensorProto, type ValueProto } from './model.js';
import { bytesOf } from './wire.js';

/** Attribute values as the builder takes them; a number is an int unless wrapped as `{ float }`. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** Options of `GraphBuilder.node`. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>> | undefined;
  /** @default 1 */
  readonly outputs?: number | undefined;
  readonly domain?: string | undefined;
}

const comparisons = new Set(['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Not']);
const opset = 20;

/** Builds an ONNX graph; values are named by strings, and shapes are known as it grows. */
export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly #initializers = new Map<string, TensorProto>();
  readonly #inputs: ValueProto[] = [];
  readonly #info = new Map<string, ValueInfo>();
  readonly #constants = new Map<string, string>();
  #count = 0;
  #usesContrib = false;

  /** Shape, type and known numbers of a value. */
  info(name: string): ValueInfo {
    const info = this.#info.get(name);
    if (!info) throw new AlignSquadError(`The graph has no value named ${name}.`, { code: 'model-invalid' });
    return info;
  }

  /** The shape of a value whose dimensions are all known. */
  shape(name: string): number[] {
    return this.info(name).dims.map((size) => {
      if (typeof size === 'number') return size;
      throw new AlignSquadError(`Value ${name} has a free dimension where a fixed one is needed.`, { code: 'model-invalid' });
    });
  }

  input(name: string, type: number, dims: readonly Dimension[]): string {
    this.#inputs.push({ name, type, dims });
    this.#info.set(name, { dims, type });
    return name;
  }

  /** A weight baked into the graph. */
  initializer(name: string, dims: readonly number[], data: Float32Array | Int8Array | Uint8Array): string {
    const type = data instanceof Float32Array ? dataType.float32 : data instanceof Int8Array ? dataType.int8 : dataType.uint8;
    this.#initializers.set(name, { name, dims, type, bytes: bytesOf(data) });
    this.#info.set(name, { dims, type });
    return name;
  }

  /** A float constant, a scalar. */
  float(value: number): string {
    return this.#constant(`float:${value}`, [], dataType.float32, bytesOf(Float32Array.of(value)), [value]);
  }

  /** An int64 constant: a vector, or a scalar for a plain number. */
  int(value: number | readonly number[]): string {
    const numbers = typeof value === 'number' ? [value] : value;
    const dims = typeof value === 'number' ? [] : [numbers.length];
    return this.#constant(`int:${JSON.stringify(value)}`, dims, dataType.int64, bytesOf(BigInt64Array.from(numbers, BigInt)), numbers);
  }

  #constant(key: string, dims: readonly number[], type: number, bytes: Uint8Array, constant: readonly number[]): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `constant_${this.#count++}`;
    this.#constants.set(key, name);
    this.#initializers.set(name, { name, dims, type, bytes });
    this.#info.set(name, { dims, type, constant });
    return name;
  }

  /** Appends a node and returns the names of its outputs. */
  node(operator: string, inputs: readonly string[], options: NodeOptions = {}): string[] {
    const values = options.attributes ?? {};
    const dims = inferShapes({
      operator,
      inputs: inputs.map((name) => (name === '' ? undefined : this.info(name))),
      int: (name, otherwise) => (typeof values[name] === 'number' ? values[name] : otherwise),
      ints: (name) => (Array.isArray(values[name]) ? (values[name] as readonly number[]) : undefined),
    });
    const outputs = Array.from({ length: options.outputs ?? 1 }, () => `${operator.toLowerCase()}_${this.#count++}`);
    const type = this.#outputType(operator, inputs, values);
    outputs.forEach((name, index) => this.#info.set(name, { dims: dims[index] ?? dims[0] ?? [], type }));
    const attributes = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toAttribute(value)]));
    if (options.domain) this.#usesContrib = true;
    this.nodes.push({ operator, domain: options.domain ?? '', name: outputs[0] ?? '', inputs, outputs, attributes });
    return outputs;
  }

  /** Appends a node with one output. */
  op(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    return this.node(operator, inputs, { attributes })[0] ?? '';
  }

  #outputType(operator: string, inputs: readonly string[], values: Readonly<Record<string, AttributeValue>>): number {
    if (operator === 'Cast') return Number(values['to']);
    if (comparisons.has(operator)) return dataType.bool;
    return this.info(inputs[operator === 'Where' ? 1 : 0] ?? '').type;
  }

  add(a: string, b: string): string {
    return this.op('Add', [a, b]);
  }

  sub(a: string, b: string): string {
    return this.op('Sub', [a, b]);
  }

  mul(a: string, b: string): string {
    return this.op('Mul', [a, b]);
  }

  div(a: string, b: string): string {
    return this.op('Div', [a, b]);
  }

  neg(a: string): string {
    return this.op('Neg', [a]);
  }

  cast(a: string, to: number): string {
    return this.op('Cast', [a], { to });
  }

  /** `dims`: 0 keeps a dimension, -1 is computed. */
  reshape(a: string, dims: readonly number[]): string {
    return this.op('Reshape', [a, this.int(dims)]);
  }

  transpose(a: string, perm: readonly number[]): string {
    return this.op('Transpose', [a], { perm });
  }

  unsqueeze(a: string, axes: readonly number[]): string {
    return this.op('Unsqueeze', [a, this.int(axes)]);
  }

  slice(a: string, axis: number, start: number, end: number): string {
    return this.op('Slice', [a, this.int([start]), this.int([end]), this.int([axis])]);
  }

  sum(a: string, axes: readonly number[], keepdims = 1): string {
    return this.op('ReduceSum', [a, this.int(axes)], { keepdims });
  }

  mean(a: string, axes: readonly number[], keepdims = 1): string {
    return this.op('ReduceMean', [a, this.int(axes)], { keepdims });
  }

  /** Matrix product with either side transposed, by one contrib kernel. */
  fusedMatMul(a: string, b: string, options: { transA?: number; transB?: number; alpha?: number } = {}): string {
    const { transA = 0, transB = 0, alpha = 1 } = options;
    const attributes = { transA, transB, alpha: { float: alpha } };
    return this.node('FusedMatMul', [a, b], { attributes, domain: 'com.microsoft' })[0] ?? '';
  }

  /** Zeros of a fixed shape. */
  zeros(dims: readonly number[]): string {
    return this.op('Expand', [this.float(0), this.int(dims)]);
  }

  /** The graph as a model with the given outputs; `names` gives outputs public names. */
  model(outputs: readonly string[], names: Readonly<Record<string, string>> = {}): ModelProto {
    const renamed = outputs.filter((name) => names[name] !== undefined).map((name) => ({ name, as: names[name] ?? name }));
    const identities = renamed.map(({ name, as }): NodeProto => ({
      operator: 'Identity', domain: '', name: as, inputs: [name], outputs: [as], attributes: {},
    }));
    const values = outputs.map((name): ValueProto => ({ name: names[name] ?? name, type: this.info(name).type, dims: this.info(name).dims }));
    return {
      irVersion: 9,
      opsets: this.#usesContrib ? { '': opset, 'com.microsoft': 1 } : { '': opset },
      graph: { name: 'graph', nodes: [...this.nodes, ...identities], initializers: [...this.#initializers.values()], inputs: this.#inputs, outputs: values },
      functions: [],
      metadata: {},
    };
  }
}

function toAttribute(value: AttributeValue): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if ('float' in value) return { kind: 'float', value: value.float };
  return { kind: 'ints', value };
}
