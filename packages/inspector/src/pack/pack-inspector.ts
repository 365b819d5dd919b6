import {
  AlignSquadError,
  parseExchange,
  type Exchange,
  type Inspection,
  type InspectOptions,
  type Inspector,
  type SpanScore,
  type Verdict,
} from '@align-squad/core';
import { createSession, createTextTokenizer, int64, type OnnxSession, type Pack, type Tensor, type TextTokenizer } from '@align-squad/onnx';
import { layoutWindows, type TokenWindow } from '../format/layout-windows.js';
import { exchangeTokenIds, type ExchangeTokenIds } from '../format/special-ids.js';
import { tokenizeInSteps, type ExchangeTokens } from '../format/tokenize-exchange.js';
import { parseInspectorManifest, type InspectorHead, type InspectorManifest } from './manifest.js';
import { poolWindows, toProbability, type WindowScores } from './window-scores.js';

/** Options of `createPackInspector`. */
export interface PackInspectorOptions {
  /** Threads of one encoder pass. @default 1 */
  readonly threads?: number | undefined;
  /** Loads the encoder; replaced to count or trace its runs. @default createSession */
  readonly createSession?: typeof createSession | undefined;
}

/** An inspector with one shared encoder, all criteria in one pass. */
export interface PackInspector extends Inspector {
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface LoadedPack {
  readonly manifest: InspectorManifest;
  readonly session: OnnxSession;
  readonly tokenizer: TextTokenizer;
  readonly ids: ExchangeTokenIds;
}

/**
 * Creates the inspector of a pack.
 * A response without text is `unknown`, reason `empty`; a criterion that needs a context is `unknown`, reason
 * `no-context`, without one. Text beyond one window is inspected in overlapping windows.
 * @throws AlignSquadError `pack-invalid` for a pack without a usable inspector, `model-invalid`, `missing-dependency`;
 * an inspection rejects with `pack-invalid` where the encoder has another number of heads than the manifest.
 */
export async function createPackInspector(pack: Pack, options: PackInspectorOptions = {}): Promise<PackInspector> {
  const manifest = parseInspectorManifest(pack.manifest.inspector);
  const tokenizer = await createTextTokenizer(await pack.readJson(manifest.tokenizer));
  const ids = exchangeTokenIds((token) => tokenizer.tokenId(token));
  const session = await (options.createSession ?? createSession)(pack.path(manifest.model), { threads: options.threads });
  await requireEncoder(session, manifest);
  const loaded: LoadedPack = { manifest, session, tokenizer, ids };
  const known = manifest.heads.map(({ criterion }) => criterion);

  return {
    contract: 'inspector/1',
    version: `${pack.manifest.name}@${pack.manifest.version}`,
    criteria: known,
    abilities: { maxBatchSize: 256, deterministic: true },
    async inspect(exchanges: readonly Exchange[], { criteria = known, signal }: InspectOptions = {}) {
      signal?.throwIfAborted();
      const heads = criteria.map((criterion) => headIndex(manifest, criterion));
      const inspections: Inspection[] = [];
      for (const exchange of exchanges) inspections.push(await inspectOne(loaded, parseExchange(exchange), heads, signal));
      return inspections;
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

async function requireEncoder(session: OnnxSession, { model }: InspectorManifest): Promise<void> {
  const hasOutputs = ['logits', 'sentence_logits'].every((name) => session.outputNames.includes(name));
  if (hasOutputs && session.inputNames.every((name) => name === 'input_ids' || name === 'attention_mask')) return;
  await session.dispose();
  throw new AlignSquadError(
    `Expected ${model} to give \`logits\` and \`sentence_logits\` from \`input_ids\` and \`attention_mask\`.`,
    { code: 'pack-invalid' },
  );
}

function headIndex({ heads }: InspectorManifest, criterion: string): number {
  const index = heads.findIndex((head) => head.criterion === criterion);
  if (index >= 0) return index;
  throw new AlignSquadError(`The pack does not inspect that criterion; it serves ${heads.map((head) => head.criterion).join(', ')}.`, {
    code: 'unknown-criterion',
  });
}

async function inspectOne(loaded: LoadedPack, exchange: Exchange, heads: readonly number[], signal?: AbortSignal): Promise<Inspection> {
  const { manifest, ids } = loaded;
  const tokens = await tokenize(loaded, exchange, signal);
  const scores: WindowScores[] = [];
  const windows = tokens.sentences.length === 0 ? [] : layoutWindows(tokens, ids, manifest.limits);
  for (const window of windows) {
    if (scores.length > 0) await pause(signal);
    scores.push(await scoreWindow(loaded, window));
    signal?.throwIfAborted();
  }
  const verdicts = heads.flatMap((index) => {
    const head = manifest.heads[index];
    return head ? [[head.criterion, toVerdict(tokens, scores, head, index)] as const] : [];
  });
  return Object.fromEntries(verdicts);
}

/** Lets timers and aborts through between pieces of work that block the thread. */
async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise(setImmediate);
  signal?.throwIfAborted();
}

async function tokenize({ tokenizer }: LoadedPack, exchange: Exchange, signal: AbortSignal | undefined): Promise<ExchangeTokens> {
  const steps = tokenizeInSteps(tokenizer, exchange.response.trim() === '' ? { response: '' } : exchange);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause(signal);
  }
}

async function scoreWindow({ session, manifest }: LoadedPack, { ids, markers, stretch }: TokenWindow): Promise<WindowScores> {
  const dims = [1, ids.length];
  const inputs = { input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) };
  let outputs: Record<string, Tensor>;
  try {
    outputs = await session.run(inputs, ['logits', 'sentence_logits']);
  } catch (error) {
    if (AlignSquadError.isInstance(error) && error.code === 'disposed') throw error;
    throw new AlignSquadError('The encoder of the pack failed.', { code: 'inspector-failed', cause: error });
  }
  const count = manifest.heads.length;
  const logits = readLogits(outputs['logits'], [1, count], manifest);
  const sentenceLogits = readLogits(outputs['sentence_logits'], [1, ids.length, count], manifest);
  const probabilities = (data: ArrayLike<number>, row: number): number[] =>
    manifest.heads.map((head, index) => toProbability(data[row * count + index] ?? Number.NaN, head));
  const response = probabilities(logits, 0);
  const sentences = markers.map(({ position }) => probabilities(sentenceLogits, position));
  if ([response, ...sentences].some((row) => row.some(Number.isNaN))) {
    throw new AlignSquadError('The encoder of the pack gave no usable scores.', { code: 'inspector-failed' });
  }
  return { window: { markers, stretch }, response, sentences };
}

function readLogits(tensor: Tensor | undefined, dims: readonly number[], { heads, model }: InspectorManifest): Float32Array {
  const isExpected = tensor?.dims.length === dims.length && tensor.dims.every((size, axis) => size === dims[axis]);
  if (isExpected && tensor.type === 'float32') return tensor.data;
  throw new AlignSquadError(`Expected ${model} to give a float32 logit for each of the ${heads.length} heads in pack.json.`, {
    code: 'pack-invalid',
  });
}

function toVerdict(tokens: ExchangeTokens, scores: readonly WindowScores[], head: InspectorHead, index: number): Verdict {
  const { threshold } = head;
  if (tokens.sentences.length === 0) return { status: 'unknown', misalignment: 1, threshold, reason: 'empty' };
  const { response: misalignment, sentences } = poolWindows(scores, head, index);
  const spans = tokens.sentences.map(({ start, end }, sentence): SpanScore => ({ start, end, misalignment: sentences.get(sentence) ?? 1 }));
  if (head.needsContext && tokens.context.length === 0) {
    return { status: 'unknown', misalignment, threshold, reason: 'no-context', spans };
  }
  return { status: misalignment >= threshold ? 'flag' : 'pass', misalignment, threshold, spans };
}
