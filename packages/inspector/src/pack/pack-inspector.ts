import {
  AlignSquadError,
  parseExchange,
  toAlignSquadError,
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
import { tokenizeExchange, type ExchangeTokens } from '../format/tokenize-exchange.js';
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
 * @throws AlignSquadError `pack-invalid` for a pack without a usable inspector, `model-invalid`, `missing-dependency`.
 */
export async function createPackInspector(pack: Pack, options: PackInspectorOptions = {}): Promise<PackInspector> {
  const manifest = parseInspectorManifest(pack.manifest.inspector);
  const tokenizer = await createTextTokenizer(await pack.readJson(manifest.tokenizer));
  const ids = exchangeTokenIds((token) => tokenizer.tokenId(token));
  const session = await (options.createSession ?? createSession)(pack.path(manifest.model), { threads: options.threads });
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

function headIndex({ heads }: InspectorManifest, criterion: string): number {
  const index = heads.findIndex((head) => head.criterion === criterion);
  if (index >= 0) return index;
  throw new AlignSquadError(`The pack does not inspect that criterion; it serves ${heads.map((head) => head.criterion).join(', ')}.`, {
    code: 'unknown-criterion',
  });
}

async function inspectOne(loaded: LoadedPack, exchange: Exchange, heads: readonly number[], signal?: AbortSignal): Promise<Inspection> {
  const { manifest, tokenizer, ids } = loaded;
  const tokens = tokenizeExchange(tokenizer, exchange);
  const scores: WindowScores[] = [];
  for (const window of layoutWindows(tokens, ids, manifest.limits)) {
    // A run blocks the thread: let timers and aborts through between runs.
    if (scores.length > 0) await new Promise(setImmediate);
    signal?.throwIfAborted();
    scores.push(await scoreWindow(loaded, window));
  }
  const verdicts = heads.flatMap((index) => {
    const head = manifest.heads[index];
    return head ? [[head.criterion, toVerdict(tokens, scores, head, index)] as const] : [];
  });
  return Object.fromEntries(verdicts);
}

async function scoreWindow({ session, manifest }: LoadedPack, window: TokenWindow): Promise<WindowScores> {
  const dims = [1, window.ids.length];
  const inputs = { input_ids: int64(window.ids, dims), attention_mask: int64(window.ids.map(() => 1), dims) };
  let outputs: Record<string, Tensor>;
  try {
    outputs = await session.run(inputs, ['logits', 'sentence_logits']);
  } catch (error) {
    throw toAlignSquadError(error, 'The encoder of the pack failed.', 'inspector-failed');
  }
  const count = manifest.heads.length;
  const probabilities = (tensor: Tensor | undefined, row: number): number[] =>
    manifest.heads.map((head, index) => toProbability(Number(tensor?.data[row * count + index]), head));
  const response = probabilities(outputs['logits'], 0);
  if (response.some(Number.isNaN)) throw new AlignSquadError('The encoder of the pack gave no usable scores.', { code: 'inspector-failed' });
  return { window, response, sentences: window.markers.map(({ position }) => probabilities(outputs['sentence_logits'], position)) };
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
