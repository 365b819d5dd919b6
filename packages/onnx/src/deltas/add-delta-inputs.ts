import { removeConstants } from '../graph/graph-constants.js';
import { dataType, type GraphProto, type ModelProto, type NodeProto, type ValueProto } from '../graph/model.js';
import type { ModelDelta } from './delta.js';
import { findReaders, type MatrixReader } from './delta-targets.js';

/** A weight whose change is fed with each run. */
export interface DeltaSlot {
  readonly name: string;
  readonly dims: readonly number[];
  /** `factors`: inputs `leftOf(name)` [rows, rank] and `rightOf(name)` [rank, columns]. `whole`: the weight is the input. */
  readonly kind: 'factors' | 'whole';
}

/** A model that takes the change of its weights with each run. */
export interface DeltaModel {
  readonly model: ModelProto;
  readonly slots: readonly DeltaSlot[];
}

/** Name of the input of the left factor of a weight. */
export function leftOf(name: string): string {
  return `${name}.delta_left`;
}

/** Name of the input of the right factor of a weight. */
export function rightOf(name: string): string {
  return `${name}.delta_right`;
}

/**
 * Gives a model inputs for the changes of all weights that some of the deltas change: y = x W becomes y = x W + (x L) R, a row
 * of an embedding E becomes E[i] + L[i] R, and a weight that is kept value by value becomes an input itself.
 */
export function addDeltaInputs(base: ModelProto, deltas: readonly ModelDelta[]): DeltaModel {
  const readers = findReaders(base.graph);
  const slots = slotsOf(deltas);
  const factors = slots.filter(({ kind }) => kind === 'factors');
  const whole = slots.filter(({ kind }) => kind === 'whole');
  const isFactored = new Set(factors.map(({ name }) => name));
  const turned = new Set<string>();
  const nodes = base.graph.nodes.flatMap((node): NodeProto[] => {
    const reader = readers.get(node);
    const weight = reader && weightOf(reader);
    if (!reader || weight === undefined || !isFactored.has(weight)) return [node];
    if (reader.kind === 'product' && reader.product.turned) turned.add(weight);
    return withChange(node, reader, weight);
  });
  const kept = removeConstants({ ...base.graph, nodes }, new Set(whole.map(({ name }) => name)));
  const fed = [...factors.flatMap(factorInputs), ...whole.map(({ name, dims }) => value(name, dims))];
  const names = new Set(fed.map(({ name }) => name));
  const graph: GraphProto = {
    ...kept,
    nodes: [...[...turned].flatMap((name) => [leftOf(name), rightOf(name)]).map(turn), ...kept.nodes],
    // Old files list their weights among the inputs too.
    inputs: [...kept.inputs.filter(({ name }) => !names.has(name)), ...fed],
  };
  return { model: { ...base, graph }, slots };
}

/** A weight is fed whole as soon as one delta has it so. */
function slotsOf(deltas: readonly ModelDelta[]): DeltaSlot[] {
  const slots = new Map<string, DeltaSlot>();
  for (const { name, dims, form } of deltas.flatMap(({ tensors }) => tensors)) {
    const isWhole = form.kind !== 'low-rank' || slots.get(name)?.kind === 'whole';
    slots.set(name, { name, dims, kind: isWhole ? 'whole' : 'factors' });
  }
  return [...slots.values()];
}

function weightOf(reader: MatrixReader): string {
  return reader.kind === 'product' ? reader.product.weight.name : reader.weight;
}

function value(name: string, dims: ValueProto['dims']): ValueProto {
  return { name, type: dataType.float32, dims };
}

function factorInputs({ name, dims: [rows = 0, columns = 0] }: DeltaSlot): ValueProto[] {
  return [value(leftOf(name), [rows, `${name}.delta_rank`]), value(rightOf(name), [`${name}.delta_rank`, columns])];
}

const turnedName = (name: string): string => `${name}_turned`;

/** The runtime fuses it with the product that reads it. */
function turn(name: string): NodeProto {
  return make('Transpose', [name], turnedName(name));
}

function withChange(node: NodeProto, reader: MatrixReader, weight: string): NodeProto[] {
  const [y = ''] = node.outputs;
  const [base, inner, change] = [`${y}_delta_base`, `${y}_delta_inner`, `${y}_delta_change`];
  const isTurned = reader.kind === 'product' && reader.product.turned;
  const [first, second] = isTurned ? [turnedName(rightOf(weight)), turnedName(leftOf(weight))] : [leftOf(weight), rightOf(weight)];
  const innerNode = reader.kind === 'product' ? make('MatMul', [node.inputs[0] ?? '', first], inner) : make('Gather', [first, node.inputs[1] ?? ''], inner);
  return [{ ...node, outputs: [base] }, innerNode, make('MatMul', [inner, second], change), make('Add', [base, change], y)];
}

function make(operator: string, inputs: readonly string[], output: string): NodeProto {
  return { operator, domain: '', name: `${output}_node`, inputs, outputs: [output], attributes: {} };
}
