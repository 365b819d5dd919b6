import { AlignSquadError } from '@align-squad/core';
import { int64, type OnnxSession, type Tensor } from '@align-squad/onnx';
import type { TokenWindow } from '../format/layout-windows.js';
import type { InspectorManifest } from './manifest.js';
import { toProbability, type WindowScores } from './window-scores.js';

/** What scoring works with. */
export interface Encoder {
  readonly session: OnnxSession;
  readonly manifest: InspectorManifest;
  /** Whether sentences are marked and the graph scores them. */
  readonly scoresSentences: boolean;
}

/** What a graph may ask for, each [1, sequence]. */
const knownInputs: Readonly<Record<string, (ids: readonly number[]) => Tensor>> = {
  input_ids: (ids) => int64(ids, [1, ids.length]),
  attention_mask: (ids) => int64(new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
  token_type_ids: (ids) => int64(new BigInt64Array(ids.length), [1, ids.length]),
};

/**
 * Refuses a graph that is no encoder for inspection.
 * @throws AlignSquadError `pack-invalid`.
 */
export function requireEncoder(session: OnnxSession, { model }: InspectorManifest): void {
  if (session.outputNames.includes('logits') && session.inputNames.every((name) => Object.hasOwn(knownInputs, name))) return;
  throw new AlignSquadError(`Expected ${model} to give \`logits\` from no other inputs than ${Object.keys(knownInputs).map((name) => `\`${name}\``).join(', ')}.`, {
    code: 'pack-invalid',
  });
}

/**
 * P(misaligned) of one window under each head, in one pass.
 * @throws AlignSquadError `pack-invalid` for a graph of another number of heads, `inspector-failed`, `disposed`; the
 * signal's reason.
 */
export async function scoreWindow(encoder: Encoder, { ids, markers, stretch }: TokenWindow, signal?: AbortSignal): Promise<WindowScores> {
  const { manifest, scoresSentences } = encoder;
  const outputs = await runEncoder(encoder, ids, signal);
  const count = manifest.heads.length;
  const probabilities = (data: ArrayLike<number>, row: number): number[] =>
    manifest.heads.map((head, index) => toProbability(data[row * count + index] ?? Number.NaN, head));
  const response = probabilities(readLogits(outputs['logits'], [1, count], manifest), 0);
  const marked = scoresSentences ? markers : [];
  const sentenceLogits = scoresSentences ? readLogits(outputs['sentence_logits'], [1, ids.length, count], manifest) : [];
  const sentences = marked.map(({ position }) => probabilities(sentenceLogits, position));
  if ([response, ...sentences].some((row) => row.some(Number.isNaN))) {
    throw new AlignSquadError('The encoder of the pack gave no usable scores.', { code: 'inspector-failed' });
  }
  return { window: { markers: marked, stretch }, response, sentences };
}

async function runEncoder({ session, scoresSentences }: Encoder, ids: readonly number[], signal: AbortSignal | undefined): Promise<Record<string, Tensor>> {
  const inputs = Object.fromEntries(session.inputNames.flatMap((name) => (knownInputs[name] ? [[name, knownInputs[name](ids)] as const] : [])));
  try {
    return await session.run(inputs, scoresSentences ? ['logits', 'sentence_logits'] : ['logits'], { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (AlignSquadError.isInstance(error) && error.code === 'disposed') throw error;
    throw new AlignSquadError('The encoder of the pack failed.', { code: 'inspector-failed', cause: error });
  }
}

function readLogits(tensor: Tensor | undefined, dims: readonly number[], { heads, model }: InspectorManifest): Float32Array {
  const isExpected = tensor?.dims.length === dims.length && tensor.dims.every((size, axis) => size === dims[axis]);
  if (isExpected && tensor.type === 'float32') return tensor.data;
  throw new AlignSquadError(`Expected ${model} to give a float32 logit for each of the ${heads.length} heads in pack.json.`, {
    code: 'pack-invalid',
  });
}
