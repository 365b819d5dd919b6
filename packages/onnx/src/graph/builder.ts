import { AlignSquadError } from '@align-squad/core';
import { inferOutputs, type ValueInfo } from './infer-shape.js';
import { dataType, elementCount, type Attribute, type Dimension, type ModelProto, type NodeProto, type TensorProto, type ValueProto } from './model.js';
import { mostKnownNumbers } from './shapes/known-numbers.js';
import { bytesToNumbers } from './tensor-numbers.js';
import { bytesOf } from './wire.js';

/** Attribute values as the builder takes them: a number is an int unless wrapped as `{ float }`; one of a read node goes as it is. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number } | Attribute;

/** Options of `GraphBuilder.node`. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>> | undefined;
  /** @default 1 */
  readonly outputs?: number | undefined;
  readonly domain?: string | undefined;
  /** Name of the node, for error messages. @default its first output */
  readonly name?: string | undefined;
  /** Shape and type of each output, for a node whose inputs are not known well enough to infer them. */
  readonly declared?: readonly ValueInfo[] | undefined;
}

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

  /** `name`: what error messages call the graph. */
  constructor(readonly name?: string) {}

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

  /**
   * A constant of a model as it is, under a name of its own; small ones of whole and float numbers are known to shape inference.
   * @throws AlignSquadError `model-invalid` when its values lie outside the file.
   */
  constant(tensor: TensorProto): string {
    if (tensor.external) throw new AlignSquadError(`The values of constant ${tensor.name} are not loaded.`, { code: 'model-invalid' });
    const name = this.#fresh('constant');
    const constant = elementCount(tensor.dims) <= mostKnownNumbers ? bytesToNumbers(tensor) : undefined;
    this.#initializers.set(name, { ...tensor, name });
    this.#info.set(name, { dims: tensor.dims, type: tensor.type, ...(constant && { constant }) });
    return name;
  }

  #constant(key: string, dims: readonly number[], type: number, bytes: Uint8Array, constant: readonly number[]): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh('constant');
    this.#constants.set(key, name);
    this.#initializers.set(name, { name, dims, type, bytes });
    this.#info.set(name, { dims, type, constant });
    return name;
  }

  #fresh(hint: string): string {
    let name = `${hint}_${this.#count++}`;
    while (this.#info.has(name)) name = `${hint}_${this.#count++}`;
    return name;
  }

  /** Appends a node and returns the names of its outputs. */
  node(operator: string, inputs: readonly string[], options: NodeOptions = {}): string[] {
    const attributes = Object.fromEntries(Object.entries(options.attributes ?? {}).map(([name, value]) => [name, toAttribute(value)]));
    const count = options.outputs ?? 1;
    const infos = options.declared ?? this.#inferOutputs({ operator, inputs, attributes, name: options.name ?? '' }, count);
    const outputs = Array.from({ length: count }, () => this.#fresh(operator.toLowerCase()));
    outputs.forEach((name, index) => this.#info.set(name, infos[index] ?? infos[0] ?? { dims: [], type: 0 }));
    if (options.domain) this.#usesContrib = true;
    this.nodes.push({ operator, domain: options.domain ?? '', name: options.name ?? outputs[0] ?? '', inputs, outputs, attributes });
    return outputs;
  }

  #inferOutputs({ name, ...node }: Omit<NodeProto, 'outputs' | 'domain'>, outputs: number): readonly ValueInfo[] {
    const names = [...(name === '' ? [] : [`node ${name}`]), ...(this.name === undefined ? [] : [`of ${this.name}`])];
    const place = names.length === 0 ? undefined : names.join(' ');
    return inferOutputs({ ...node, inputs: node.inputs.map((input) => (input === '' ? undefined : this.info(input))), outputs, place });
  }

  /** The node that computes a value; none for an input or a constant. */
  producer(name: string): NodeProto | undefined {
    return this.nodes.findLast(({ outputs }) => outputs.includes(name));
  }

  /** The names of a node's first `count` outputs; those that it leaves out are added to it. */
  allOutputs(node: NodeProto, count: number): readonly string[] {
    const at = this.nodes.findIndex(({ outputs }) => outputs[0] === node.outputs[0]);
    const present = this.nodes[at] ?? node;
    if (Array.from({ length: count }, (_, index) => present.outputs[index]).every(Boolean)) return present.outputs;
    const infos = this.#inferOutputs(present, count);
    const outputs = infos.map((info, index) => {
      const name = present.outputs[index] || this.#fresh(node.operator.toLowerCase());
      this.#info.set(name, info);
      return name;
    });
    this.nodes[at] = { ...present, outputs };
    return outputs;
  }

  /** Appends a node with one output. */
  op(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    return this.node(operator, inputs, { attributes })[0] ?? '';
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
    const computed = new Set(this.nodes.flatMap((node) => node.outputs));
    // A computed value takes its public name; an input or a constant keeps its own and is copied.
    const rename = (name: string): string => (computed.has(name) ? (names[name] ?? name) : name);
    const unique = uniqueNames();
    const nodes = this.nodes.map((node): NodeProto => ({
      ...node, name: unique(node.name), inputs: node.inputs.map(rename), outputs: node.outputs.map(rename),
    }));
    const copied = outputs.filter((name) => names[name] !== undefined && !computed.has(name)).map((name) => ({ name, as: names[name] ?? name }));
    const identities = copied.map(({ name, as }): NodeProto => ({
      operator: 'Identity', domain: '', name: unique(as), inputs: [name], outputs: [as], attributes: {},
    }));
    const values = outputs.map((name): ValueProto => ({ name: names[name] ?? name, type: this.info(name).type, dims: this.info(name).dims }));
    return {
      irVersion: 9,
      opsets: this.#usesContrib ? { '': opset, 'com.microsoft': 1 } : { '': opset },
      graph: { name: this.name ?? 'graph', nodes: [...nodes, ...identities], initializers: [...this.#initializers.values()], inputs: this.#inputs, outputs: values },
      functions: [],
      metadata: {},
    };
  }
}

/** Makes each name that it is given a new one: nodes of a read model may have names that the builder gives as well. */
function uniqueNames(): (name: string) => string {
  const taken = new Set<string>();
  return (name) => {
    let free = name;
    for (let count = 1; taken.has(free); count++) free = `${name}_${count}`;
    taken.add(free);
    return free;
  };
}

function toAttribute(value: AttributeValue): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if ('kind' in value) return value;
  if ('float' in value) return { kind: 'float', value: value.float };
  return { kind: 'ints', value };
}
