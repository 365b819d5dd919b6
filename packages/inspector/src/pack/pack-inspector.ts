import {
  parseExchange,
  type Exchange,
  type Inspection,
  type InspectOptions,
  type Inspector,
  type SpanScore,
  type Verdict,
} from '@align-squad/core';
import { createSession, loadPackTokenizer, packVersion, type Pack, type TextTokenizer } from '@align-squad/onnx';
import { assertServed } from '../contract/assert-served.js';
import { pause } from '../contract/until-abort.js';
import { unknownVerdict, verdictOf } from '../contract/verdicts.js';
import { createExchangeLayout, type ExchangeLayout } from '../format/exchange-layout.js';
import { tokenizeInSteps, type ExchangeTokens } from '../format/tokenize-exchange.js';
import { parseInspectorManifest, type InspectorHead, type InspectorManifest } from './manifest.js';
import { requireEncoder, scoreWindow, type Encoder } from './score-window.js';
import { poolWindows, type PooledScores, type WindowScores } from './window-scores.js';

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

interface LoadedPack extends Encoder {
  readonly tokenizer: TextTokenizer;
  readonly layout: ExchangeLayout;
}

/**
 * Creates the inspector of a pack.
 * A response without text is `unknown`, reason `empty`; a criterion that needs a context is `unknown`, reason
 * `no-context`, without one. Text beyond one window is inspected in overlapping windows. Verdicts have `spans` where
 * the pack marks sentences and its encoder scores them.
 * @throws AlignSquadError `pack-invalid` for a pack without a usable inspector, `model-invalid`, `missing-dependency`;
 * an inspection rejects with `pack-invalid` where the encoder has another number of heads than the manifest.
 */
export async function createPackInspector(pack: Pack, options: PackInspectorOptions = {}): Promise<PackInspector> {
  const manifest = parseInspectorManifest(pack.manifest.inspector);
  const tokenizer = await loadPackTokenizer(pack, manifest.tokenizer);
  const layout = createExchangeLayout(tokenizer, manifest);
  const session = await (options.createSession ?? createSession)(pack.path(manifest.model), { threads: options.threads });
  await requireEncoder(session, manifest);
  const scoresSentences = layout.special.sentence !== undefined && session.outputNames.includes('sentence_logits');
  const loaded: LoadedPack = { manifest, session, tokenizer, layout, scoresSentences };
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
      const inspections: Inspection[] = [];
      for (const exchange of exchanges) inspections.push(await inspectOne(loaded, parseExchange(exchange), heads, signal));
      return inspections;
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

function unfinishedThresholds({ heads }: InspectorManifest): Record<string, number | null> {
  return Object.fromEntries(heads.map(({ criterion, threshold, unfinishedThreshold = threshold }) => [criterion, unfinishedThreshold]));
}

async function inspectOne(loaded: LoadedPack, exchange: Exchange, heads: readonly number[], signal?: AbortSignal): Promise<Inspection> {
  const { manifest, layout, scoresSentences } = loaded;
  const tokens = await tokenize(loaded, exchange, signal);
  const scores: WindowScores[] = [];
  const windows = tokens.sentences.length === 0 ? [] : layout.windows(tokens);
  for (const window of windows) {
    if (scores.length > 0) await pause(signal);
    scores.push(await scoreWindow(loaded, window));
    signal?.throwIfAborted();
  }
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
