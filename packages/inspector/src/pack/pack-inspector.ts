import {
  parseExchange,
  parseWith,
  type Exchange,
  type Inspection,
  type InspectOptions,
  type Inspector,
  type SpanScore,
  type Verdict,
} from '@align-squad/core';
import {
  createSession,
  createSessionPool,
  loadPackTokenizer,
  packVersion,
  type OnnxSession,
  type Pack,
  type SessionOptions,
  type TextTokenizer,
} from '@align-squad/onnx';
import { z } from 'zod';
import { assertServed } from '../contract/assert-served.js';
import { pause } from '../contract/pause.js';
import { unknownVerdict, verdictOf } from '../contract/verdicts.js';
import { createExchangeLayout, type ExchangeLayout } from '../format/exchange-layout.js';
import { tokenizeInSteps, type ExchangeTokens } from '../format/tokenize-exchange.js';
import { mapOverlapped } from './map-overlapped.js';
import { parseInspectorManifest, type InspectorHead, type InspectorManifest } from './manifest.js';
import { requireEncoder, scoreWindow, type Encoder } from './score-window.js';
import { poolWindows, type PooledScores } from './window-scores.js';

/** Options of `createPackInspector`. */
export interface PackInspectorOptions {
  /** Threads of one encoder pass. @default 1 */
  readonly threads?: number | undefined;
  /**
   * Most worker threads that run the encoder, as of `createSessionPool`, so that the event loop stays free; 0 runs it on the
   * calling thread, which blocks for each pass but starts sooner. @default 0
   */
  readonly workers?: number | undefined;
  /** Loads the encoder instead, to count or trace its runs; `workers` then says how many passes may overlap. */
  readonly createSession?: ((model: string, options: SessionOptions) => Promise<OnnxSession>) | undefined;
}

/** An inspector with one shared encoder, all criteria in one pass. */
export interface PackInspector extends Inspector {
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface ResolvedOptions {
  readonly threads?: number | undefined;
  readonly workers: number;
}

const optionsSchema: z.ZodType<ResolvedOptions> = z.strictObject({
  threads: z.int().min(1).optional(),
  workers: z.int().min(0).max(256).default(0),
  createSession: z.custom((value) => typeof value === 'function').optional(),
});

interface LoadedPack extends Encoder {
  readonly tokenizer: TextTokenizer;
  readonly layout: ExchangeLayout;
  /** Most passes under way at once for one exchange, and most exchanges of one call. */
  readonly overlap: number;
}

/**
 * Creates the inspector of a pack.
 * A response without text is `unknown`, reason `empty`; a criterion that needs a context is `unknown`, reason
 * `no-context`, without one. Text beyond one window is inspected in overlapping windows. Verdicts have `spans` where
 * the pack marks sentences and its encoder scores them.
 * @throws AlignSquadError `invalid-options`, `pack-invalid` for a pack without a usable inspector, `model-invalid`, `missing-dependency`;
 * an inspection rejects with `pack-invalid` where the encoder has another number of heads than the manifest.
 */
export async function createPackInspector(pack: Pack, options: PackInspectorOptions = {}): Promise<PackInspector> {
  const { manifest, session, ...rest } = await loadPack(pack, options);
  const loaded: LoadedPack = { manifest, session, ...rest };
  const known = manifest.heads.map(({ criterion }) => criterion);

  return {
    contract: 'inspector/1',
    version: packVersion(pack.manifest),
    criteria: known,
    abilities: { maxBatchSize: 256, deterministic: true, unfinished: unfinishedThresholds(manifest) },
    async inspect(exchanges: readonly Exchange[], { criteria = known, signal }: InspectOptions = {}) {
      signal?.throwIfAborted();
      assertServed(criteria, known);
      const heads = criteria.map((criterion) => known.indexOf(criterion));
      return mapOverlapped(exchanges, loaded.overlap, (exchange) => inspectOne(loaded, parseExchange(exchange), heads, signal));
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

async function loadPack(pack: Pack, options: PackInspectorOptions): Promise<LoadedPack> {
  const { threads, workers } = parseWith(optionsSchema, options, { what: 'options of `createPackInspector`', code: 'invalid-options' });
  const manifest = parseInspectorManifest(pack.manifest.inspector);
  const onWorkers = (model: string): Promise<OnnxSession> => createSessionPool(model, { threads, workers, transferInputs: true });
  const create = options.createSession ?? (workers > 0 ? onWorkers : createSession);
  // A worker loads the encoder while this thread builds the tokenizer.
  const opening = create(pack.path(manifest.model), { threads });
  const opened = Promise.allSettled([opening]);
  try {
    const tokenizer = await loadPackTokenizer(pack, manifest.tokenizer);
    const layout = createExchangeLayout(tokenizer, manifest);
    const session = await opening;
    requireEncoder(session, manifest);
    const scoresSentences = layout.special.sentence !== undefined && session.outputNames.includes('sentence_logits');
    return { manifest, session, tokenizer, layout, scoresSentences, overlap: Math.max(1, workers) };
  } catch (error) {
    for (const result of await opened) if (result.status === 'fulfilled') await result.value.dispose();
    throw error;
  }
}

function unfinishedThresholds({ heads }: InspectorManifest): Record<string, number | null> {
  return Object.fromEntries(heads.map(({ criterion, threshold, unfinishedThreshold = threshold }) => [criterion, unfinishedThreshold]));
}

async function inspectOne(loaded: LoadedPack, exchange: Exchange, heads: readonly number[], signal?: AbortSignal): Promise<Inspection> {
  const { manifest, layout, scoresSentences } = loaded;
  const tokens = await tokenize(loaded, exchange, signal);
  const windows = tokens.sentences.length === 0 ? [] : layout.windows(tokens);
  const scores = await mapOverlapped(windows, loaded.overlap, async (window, index) => {
    if (index > 0) await pause(signal);
    const score = await scoreWindow(loaded, window, signal);
    signal?.throwIfAborted();
    return score;
  });
  const verdicts = heads.flatMap((index) => {
    const head = manifest.heads[index];
    if (!head) return [];
    const { criterion, threshold } = head;
    const verdict = scores.length === 0 ? unknownVerdict(threshold, 'empty') : toVerdict(tokens, poolWindows(scores, head, index), head, scoresSentences);
    return [[criterion, verdict] as const];
  });
  return Object.fromEntries(verdicts);
}

async function tokenize({ tokenizer }: LoadedPack, exchange: Exchange, signal: AbortSignal | undefined): Promise<ExchangeTokens> {
  const steps = tokenizeInSteps(tokenizer, exchange.response.trim() === '' ? { response: '' } : exchange);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause(signal);
  }
}

function toVerdict(tokens: ExchangeTokens, { response, sentences }: PooledScores, head: InspectorHead, scoresSentences: boolean): Verdict {
  const { threshold } = head;
  const scored = tokens.sentences.map(({ start, end }, sentence): SpanScore => ({ start, end, misalignment: sentences.get(sentence) ?? 1 }));
  const spans = scoresSentences ? { spans: scored } : {};
  if (head.needsContext && tokens.context.length === 0) {
    return { status: 'unknown', misalignment: response, threshold, reason: 'no-context', ...spans };
  }
  return verdictOf({ misalignment: response, ...spans }, threshold);
}
