import { auroc } from '@align-squad/eval';
import { layoutWindows, tokenizeExchange, type TextToIds } from '@align-squad/inspector';
import { createSession, int64, type OnnxSession } from '@align-squad/onnx';
import { GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import { buildInspector, buildWideAndDeep, frozenWeights, type EncoderConfig, type Weights } from '@align-squad/train';
import { trainingLimits } from './batches.js';
import type { CriterionId, Example } from './examples.js';
import { criteria } from './model.js';
import type { Triple } from './sources.js';
import { alignedExample, misalignedExample } from './triple-units.js';

/** Logits of one labelled response. */
export interface ScoredExample {
  readonly triple: Triple;
  readonly example: Example;
  /** A logit a criterion, in the order of the heads. */
  readonly logits: readonly number[];
  /** The same of each sentence. */
  readonly sentences: readonly (readonly number[])[];
}

/** What the inspector reaches on some records. */
export interface InspectorScores {
  /** AUROC by criterion. */
  readonly aurocs: Readonly<Record<string, number>>;
  readonly scored: readonly ScoredExample[];
  readonly meanAuroc: number;
  readonly summary: string;
}

/** The encoder alone as a model file: `logits` and `sentence_logits` from `input_ids` and `attention_mask`. */
export function exportEncoder(weights: Weights, config: EncoderConfig): Uint8Array {
  return exportModel(weights, config, buildInspector);
}

/** Encoder and n-grams, mixed, as a model file of the same inputs and outputs. */
export function exportWideAndDeep(weights: Weights, config: EncoderConfig): Uint8Array {
  return exportModel(weights, config, buildWideAndDeep);
}

function exportModel(weights: Weights, config: EncoderConfig, build: typeof buildInspector): Uint8Array {
  const graph = new GraphBuilder();
  const { logits, sentenceLogits } = build(graph, frozenWeights(graph, weights), config, ['batch', 'sequence']);
  return writeModel(graph.model([logits, sentenceLogits], { [logits]: 'logits', [sentenceLogits]: 'sentence_logits' }));
}

/** Scores both responses of each record with a model file; windows beyond the first are left out. */
export async function scoreModel(
  model: Uint8Array,
  config: EncoderConfig,
  tokenizer: TextToIds,
  triples: readonly Triple[],
): Promise<InspectorScores> {
  await using session = await createSession(model);
  const scored: ScoredExample[] = [];
  for (const triple of triples) {
    const { criterion } = triple;
    const isAligned = triple.identity || criterion === 'clean';
    const examples = [alignedExample(triple), ...(isAligned ? [] : [misalignedExample(triple, criterion)])];
    for (const example of examples) scored.push({ triple, example, ...(await logitsOf(session, example, config, tokenizer)) });
  }
  const reached = criteria.map((criterion, head) => {
    const rows = scored.filter(({ triple }) => triple.criterion === criterion || triple.criterion === 'clean');
    const value = auroc(rows.map(({ logits }) => logits[head] ?? 0), rows.map(({ example }) => example.labels[criterion] === 1));
    return { criterion, value, paired: pairedAccuracy(rows, criterion, head) };
  });
  const meanAuroc = reached.reduce((sum, { value }) => sum + value, 0) / reached.length;
  const summary = reached.map(({ criterion, value, paired }) => `${criterion} ${value.toFixed(3)} (pairs ${paired.toFixed(3)})`).join(', ');
  const aurocs = Object.fromEntries(reached.map(({ criterion, value }) => [criterion, Number(value.toFixed(4))]));
  return { aurocs, scored, meanAuroc, summary };
}

function pairedAccuracy(rows: readonly ScoredExample[], criterion: CriterionId, head: number): number {
  const aligned = new Map(rows.filter(({ example }) => example.labels[criterion] !== 1).map(({ triple, logits }) => [triple.id, logits[head] ?? 0]));
  const faulty = rows.filter(({ example }) => example.labels[criterion] === 1);
  return faulty.filter(({ triple, logits }) => (logits[head] ?? 0) > (aligned.get(triple.id) ?? 0)).length / faulty.length;
}

async function logitsOf(
  session: OnnxSession,
  example: Example,
  config: EncoderConfig,
  tokenizer: TextToIds,
): Promise<Pick<ScoredExample, 'logits' | 'sentences'>> {
  const [window] = layoutWindows(tokenizeExchange(tokenizer, example.exchange), config.specialIds, trainingLimits);
  const { ids = [], markers = [] } = window ?? {};
  const dims = [1, ids.length];
  const outputs = await session.run({ input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) });
  const row = (name: string, at: number): number[] =>
    Array.from(outputs[name]?.data.slice(at * criteria.length, (at + 1) * criteria.length) ?? [], Number);
  return { logits: row('logits', 0), sentences: markers.map(({ position }) => row('sentence_logits', position)) };
}
