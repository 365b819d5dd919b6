import { type Label, labelOf, misalignedByLogprobs, misalignedByVotes } from '@align-squad/llm/prompts';
import { AlignSquadError, parseWith, type Criterion } from '@align-squad/core';
import { z } from 'zod';
import { askStage, type AskedStage, type StageProgress, type StageTools } from '../run/ask-stage.js';
import type { PlannedRequest } from '../stages/stage.js';
import { cascadeReport, type CascadeReport, type LinkRun } from './cascade-report.js';
import { labelRequest, voteRequests, type Annotator, type LabelItem, type LabelSettings } from './label-requests.js';
import { keptIds, linkLabel, rankAggregate, type CascadeLabel, type LinkLabel } from './link-labels.js';

/** Options of `annotatorCascade`. */
export interface CascadeOptions extends StageTools {
  readonly criterion: Criterion;
  /** From cheap to dear, with names that differ. */
  readonly annotators: readonly Annotator[];
  readonly seed: number;
  /** Labels of at least this confidence stay with a link, in [0, 1]. @default the most confident part stays, as many with each link */
  readonly leastConfidence?: number | undefined;
}

/** The labels of a cascade; items that no annotator labelled are missing. */
export interface CascadeResult {
  readonly labels: readonly CascadeLabel[];
  readonly report: CascadeReport;
}

const annotatorSchema: z.ZodType<Annotator> = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/),
  model: z.string().min(1),
  costPerToken: z.number().min(0).optional(),
  logprobs: z.boolean().optional(),
  votes: z.int().min(1).max(100).optional(),
});

const optionsSchema: z.ZodType<Pick<CascadeOptions, 'annotators' | 'seed' | 'leastConfidence'>> = z.strictObject({
  annotators: z.array(annotatorSchema).min(1),
  seed: z.int(),
  leastConfidence: z.number().min(0).max(1).optional(),
});

/**
 * Labels items by a chain of models (LLM Chain Ensembles, 2410.13006, Chain Ensemble Methodology): each link labels what came to it, the
 * confident part stays, the rest and what it could not label goes on to the next, dearer one; ranks decide in the end.
 * Yields the progress of each link's stages; answers are kept in the journal, so that a cascade that was stopped goes on.
 * @throws AlignSquadError `invalid-options` for annotators that are not ordered or named twice or items with one id, and what `askStage` throws.
 */
export async function* annotatorCascade(items: readonly LabelItem[], options: CascadeOptions): AsyncGenerator<StageProgress, CascadeResult> {
  const { criterion, journal, executor, signal, ...rest } = options;
  const { annotators, seed, leastConfidence } = parseWith(optionsSchema, rest, { what: 'options of a cascade', code: 'invalid-options' });
  requireChain(annotators, items);
  const runs: LinkRun[] = [];
  let waiting = items;
  for (const [at, annotator] of annotators.entries()) {
    if (waiting.length === 0) break;
    const answers = yield* askLink(waiting, { criterion, seed, annotator }, { journal, executor, signal });
    const isLast = at === annotators.length - 1;
    const kept = keptIds(answers.labels, waiting.length, isLast ? { leastConfidence: 0, share: 1 } : { leastConfidence, share: 1 / (annotators.length - at) });
    runs.push({ annotator: annotator.name, asked: waiting.length, kept: kept.size, ...answers });
    waiting = waiting.filter(({ id }) => !kept.has(id));
  }
  const labels = inOrderOf(items, rankAggregate(runs));
  return { labels, report: cascadeReport(annotators, runs, { items: items.length, labels }) };
}

function requireChain(annotators: readonly Annotator[], items: readonly LabelItem[]): void {
  if (new Set(items.map(({ id }) => id)).size < items.length) throw new AlignSquadError('Expected items of a cascade with ids that differ.', { code: 'invalid-options' });
  const prices = annotators.flatMap(({ costPerToken }) => (costPerToken === undefined ? [] : [costPerToken]));
  const isOrdered = prices.every((price, at) => price >= (prices[at - 1] ?? 0));
  if (isOrdered && new Set(annotators.map(({ name }) => name)).size === annotators.length) return;
  throw new AlignSquadError('Expected `annotators` from cheap to dear, each with a name of its own.', { code: 'invalid-options' });
}

type LinkAnswers = Pick<LinkRun, 'labels' | 'inputTokens' | 'outputTokens'>;

async function* askLink(items: readonly LabelItem[], settings: LabelSettings, tools: StageTools): AsyncGenerator<StageProgress, LinkAnswers> {
  const { name } = settings.annotator;
  const usage = { inputTokens: 0, outputTokens: 0 };
  const labels = new Map<string, LinkLabel>();
  const votes = new Map<string, Label[]>();
  const first = items.map((item) => labelRequest(settings, item));
  yield* askStage(labelStage(`label ${name}`, first), tools);
  for await (const { id, text, misaligned } of readAnswers(first, tools, usage)) {
    if (misaligned !== undefined) labels.set(id, linkLabel(id, misaligned, 'logprobs'));
    else addVote(votes, id, labelOf(text));
  }
  const more = items.filter(({ id }) => !labels.has(id)).flatMap((item) => voteRequests(settings, item));
  if (more.length > 0) yield* askStage(labelStage(`label ${name}, votes`, more), tools);
  for await (const { id, text } of readAnswers(more, tools, usage)) addVote(votes, id, labelOf(text));
  for (const [id, own] of votes) {
    const misaligned = misalignedByVotes(own);
    if (misaligned !== undefined) labels.set(id, linkLabel(id, misaligned, 'votes'));
  }
  return { labels: [...labels.values()], ...usage };
}

function labelStage(name: string, planned: readonly PlannedRequest<LabelItem>[]): AskedStage<LabelItem, Label> {
  return { name, requests: planned.length, plan: () => planned, read: ({ text }) => [labelOf(text)].filter((label) => label !== undefined) };
}

interface ReadAnswer {
  readonly id: string;
  readonly text: string;
  readonly misaligned: number | undefined;
}

/** The answers in the journal, whose tokens are added to `usage`; stage results have neither tokens nor log-probabilities. */
async function* readAnswers(
  planned: readonly PlannedRequest<LabelItem>[],
  { journal, signal }: StageTools,
  usage: { inputTokens: number; outputTokens: number },
): AsyncGenerator<ReadAnswer> {
  for (const { request, source } of planned) {
    signal?.throwIfAborted();
    const answer = await journal.read(request.id);
    if (!answer?.ok) continue;
    usage.inputTokens += answer.usage.input;
    usage.outputTokens += answer.usage.output;
    // A text that goes on after its letter, as in "A good answer", is no label whatever its first token says.
    const isLabel = labelOf(answer.text) !== undefined;
    yield { id: source.id, text: answer.text, misaligned: isLabel ? misalignedByLogprobs(answer.topLogprobs) : undefined };
  }
}

function addVote(votes: Map<string, Label[]>, id: string, label: Label | undefined): void {
  if (label) votes.set(id, [...(votes.get(id) ?? []), label]);
}

function inOrderOf(items: readonly LabelItem[], labels: readonly CascadeLabel[]): CascadeLabel[] {
  const byId = new Map(labels.map((label) => [label.id, label]));
  return items.flatMap(({ id }) => byId.get(id) ?? []);
}
