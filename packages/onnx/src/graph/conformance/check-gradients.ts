import { createSession } from '../../session/session.js';
import { float32, int64, type Tensor } from '../../session/tensor.js';
import { GraphBuilder } from '../builder.js';
import { differentiate } from '../differentiate.js';
import { transposed } from '../float-data.js';
import { importModel, type ImportedModel } from '../import-model.js';
import { dataType } from '../model.js';
import { quantizeModel } from '../quantize.js';
import { readModel } from '../read-model.js';
import { writeModel } from '../write-model.js';
import { floatsNamed, readReference, type ReferenceTensor } from './reference.js';

/** How close a graph comes to the gradients that PyTorch computed of the same model. */
export interface GradientReport {
  /** Largest difference of an output. */
  readonly forwardError: number;
  /** Largest difference of a gradient, relative to the largest magnitude of its parameter's gradient (0.001 at least). */
  readonly gradientError: number;
  /** Parameter with that difference. */
  readonly worst: string;
  readonly parameters: number;
  /** Parameters with a gradient that no weight of the graph was found for. */
  readonly unmatched: readonly string[];
  /** Relative root mean square error of the output after dynamic int8 quantisation. */
  readonly int8Error: number;
}

const inputNames = { input_ids: '__ids', attention_mask: '__mask', position_ids: '__pos' } as const;

/**
 * Differentiates sum(output * R) of an exported graph and compares with the stored gradients of PyTorch autograd.
 * Exporters rename weights, turn them and copy tied ones, so that weights are found by their values.
 */
export async function checkGradients(modelBytes: Uint8Array, referenceBytes: Uint8Array): Promise<GradientReport> {
  const reference = readReference(referenceBytes);
  const model = readModel(modelBytes);
  const imported = importModel(model);
  const { outputs, gradients } = await runBackward(imported, reference);
  const expected = floatsNamed(reference, '__out').data;
  const parameters = [...reference.keys()].filter((name) => name.startsWith('p.')).map((name) => name.slice(2));
  const sums = sumByParameter(imported, gradients, reference, parameters);
  const compared = parameters.map((name) => ({ name, ...compare(floatsNamed(reference, `g.${name}`).data, sums.get(name)) }));
  const worst = worstOf(compared);
  return {
    forwardError: largestDifference(outputs, expected),
    gradientError: worst.error,
    worst: worst.name,
    parameters: parameters.length,
    unmatched: compared.filter(({ isUnmatched }) => isUnmatched).map(({ name }) => name),
    int8Error: await int8Error(imported, quantizeModel(model, { minValues: 64 }), reference, expected),
  };
}

async function runBackward(imported: ImportedModel, reference: ReadonlyMap<string, ReferenceTensor>): Promise<{ outputs: Float32Array; gradients: ReadonlyMap<string, Float32Array> }> {
  const graph = new GraphBuilder();
  const given = inputsOf(imported, reference);
  const inputs = Object.fromEntries(Object.entries(given).map(([name, { dims }]) => [name, graph.input(name, dataType.int64, dims)]));
  const names: string[] = [];
  const weight = (name: string, dims: readonly number[]): string => {
    names.push(name);
    return graph.input(name, dataType.float32, dims);
  };
  const outputs = await imported.append(graph, weight, inputs);
  const output = outputs[imported.outputs[0]?.name ?? ''] ?? '';
  const cotangent = floatsNamed(reference, '__R');
  const weighted = graph.mul(output, graph.input('cotangent', dataType.float32, cotangent.dims));
  const gradients = differentiate(graph, graph.sum(weighted, cotangent.dims.map((_, axis) => axis), 0), names);
  await using session = await createSession(writeModel(graph.model([output, ...gradients.values()])));
  const weights = names.map((name): [string, Tensor] => [name, float32(imported.weights.get(name)?.data ?? new Float32Array(0), imported.weights.get(name)?.dims ?? [])]);
  const feeds = { ...given, cotangent: float32(cotangent.data, cotangent.dims), ...Object.fromEntries(weights) };
  const results = await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))));
  const floats = (name: string): Float32Array => Float32Array.from(results[name]?.data ?? [], Number);
  return { outputs: floats(output), gradients: new Map([...gradients].map(([name, gradient]) => [name, floats(gradient)])) };
}

function inputsOf({ inputs }: ImportedModel, reference: ReadonlyMap<string, ReferenceTensor>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(inputNames).flatMap(([name, key]) => {
    const tensor = reference.get(key);
    const isInt64 = tensor?.data instanceof BigInt64Array && inputs.some((input) => input.name === name);
    return isInt64 ? [[name, int64(tensor.data as BigInt64Array, tensor.dims)]] : [];
  }));
}

/** Adds up the gradients of all weights that hold a parameter's values, turned where they are turned. */
function sumByParameter(
  imported: ImportedModel,
  gradients: ReadonlyMap<string, Float32Array>,
  reference: ReadonlyMap<string, ReferenceTensor>,
  parameters: readonly string[],
): ReadonlyMap<string, Float32Array> {
  const sums = new Map<string, Float32Array>();
  for (const [name, gradient] of gradients) {
    const weight = imported.weights.get(name)?.data;
    const match = weight && parameters.map((parameter) => ({ parameter, turned: turnedBy(floatsNamed(reference, `p.${parameter}`), weight) })).find(({ turned }) => turned !== undefined);
    if (match === undefined || match === null) continue;
    const [rows = 1, columns = 1] = floatsNamed(reference, `p.${match.parameter}`).dims;
    const own = match.turned === true ? transposed(gradient, columns, rows) : gradient;
    const sum = sums.get(match.parameter) ?? new Float32Array(own.length);
    sums.set(match.parameter, sum.map((value, at) => value + (own[at] ?? 0)));
  }
  return sums;
}

function turnedBy({ dims, data }: { dims: readonly number[]; data: Float32Array }, weight: Float32Array): boolean | undefined {
  if (data.length !== weight.length) return undefined;
  // Some exporters fold the 1 that a normalisation adds to its weight into it.
  if (data.every((value, at) => value === weight[at]) || data.every((value, at) => Math.fround(value + 1) === weight[at])) return false;
  const [rows = 0, columns = 0] = dims;
  return dims.length === 2 && transposed(data, rows, columns).every((value, at) => value === weight[at]) ? true : undefined;
}

interface Compared {
  /** 0 where no weight was found. */
  readonly error: number;
  /** No weight was found for a parameter that has a gradient. */
  readonly isUnmatched: boolean;
}

function compare(expected: Float32Array, found: Float32Array | undefined): Compared {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // A gradient that is no number is no gradient of 0.
  if (found === undefined) return { error: 0, isUnmatched: largest !== 0 };
  return { error: largestDifference(found, expected) / Math.max(largest, 1e-3), isUnmatched: false };
}

/** The largest error; one that is no number is larger than all. */
function worstOf<T extends { readonly name: string; readonly error: number }>(compared: readonly T[]): { readonly name: string; readonly error: number } {
  const size = ({ error }: { readonly error: number }): number => (Number.isNaN(error) ? Infinity : error);
  return compared.reduce<{ readonly name: string; readonly error: number }>((held, next) => (size(next) > size(held) ? next : held), { name: '', error: 0 });
}

function largestDifference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Infinity;
  return found.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[at] ?? Number.NaN))), 0);
}

async function int8Error(imported: ImportedModel, quantized: ReturnType<typeof quantizeModel>, reference: ReadonlyMap<string, ReferenceTensor>, expected: Float32Array): Promise<number> {
  await using session = await createSession(writeModel(quantized));
  const [batch = 1] = reference.get('__ids')?.dims ?? [];
  const caches = imported.inputs.filter(({ name }) => name.startsWith('past_key_values')).map(({ name, dims = [] }): [string, Tensor] => {
    const sizes = dims.map((size, axis) => (axis === 0 ? batch : typeof size === 'number' ? size : 0));
    return [name, float32(new Float32Array(0), sizes)];
  });
  const feeds = { ...inputsOf(imported, reference), ...Object.fromEntries(caches) };
  const results = await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))));
  const found = Float32Array.from(results[session.outputNames[0] ?? '']?.data ?? [], Number);
  const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(found.map((value, at) => value - (expected[at] ?? Number.NaN))) / squares(expected));
}
