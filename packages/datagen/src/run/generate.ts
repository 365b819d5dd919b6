import { AlignSquadError } from '@align-squad/core';
import { z } from 'zod';
import type { Executor } from '../executors/executor.js';
import { questionSchema, topicSchema, tripleSchema, type Question, type Topic, type Triple } from '../records/records.js';
import { questionRequests, questionsARequest, questionsOf, type QuestionHints } from '../stages/questions.js';
import type { StageSettings } from '../stages/stage.js';
import { equalTypes, seedTopics, topicRequests, topicsOf, uniqueTopics } from '../stages/topics.js';
import { correctionOf, correctionRequest, isTriple, tripleOf, tripleRequest, type AnsweredQuestion } from '../stages/triples.js';
import { askStage, stageResults, type AskedStage, type StageTools } from './ask-stage.js';
import { finishDataset, type DatasetCard } from './finish-dataset.js';
import { readRecords, writeRecords } from './json-lines.js';
import { requireUsable } from './require-usable.js';
import { openRunFolder, type RunFolder } from './run-folder.js';
import { sumSpending, writeSpending } from './run-spending.js';
import { resolveRunSettings, type ResolvedRunSettings, type RunSettings } from './run-settings.js';
import { watchCosts, type StageSpending } from './stage-costs.js';

/** What a run says of its progress; the last one is `dataset-end`. */
export type DatagenEvent =
  | { readonly type: 'run-start'; readonly answers: number; readonly damagedAnswers: number }
  | ({ readonly type: 'progress' } & StageSpending)
  | ({ readonly type: 'stage-end'; readonly records: number } & StageSpending)
  | { readonly type: 'dataset-end'; readonly directory: string; readonly card: DatasetCard };

/** Options of `generateDataset`. */
export interface GenerateOptions {
  /** Folder of the run; a run that was stopped or killed goes on there. */
  readonly directory: string;
  readonly executor: Executor;
  readonly signal?: AbortSignal | undefined;
}

const mostRounds = 12;
const answersANote = 100;

/**
 * From a criterion to a clean, split dataset in `directory`/dataset (paper, section 3.1): topics in rounds, questions, triples,
 * cleaning, split by prompt. Every answer is kept before anything is made of it; started again with the same settings it
 * asks only what has no answer yet, and ends with the same dataset, byte for byte.
 * @throws AlignSquadError `invalid-options` for settings or a folder that do not fit, `invalid-criterion`, `generator-failed`
 * when the model or the server is of no use, the disk is full, or requests are left without an answer; the signal's reason.
 */
export async function* generateDataset(value: RunSettings, { directory, executor, signal }: GenerateOptions): AsyncGenerator<DatagenEvent> {
  signal?.throwIfAborted();
  const settings = resolveRunSettings(value);
  const folder = await openRunFolder(directory, settings);
  const run: Run = { settings, stages: stageSettings(settings), folder, tools: { journal: folder.journal, executor, signal }, ended: [] };
  try {
    yield { type: 'run-start', answers: folder.journal.size, damagedAnswers: folder.journal.damaged };
    const topics = yield* makeTopics(run);
    yield* makeTriples(run, yield* makeQuestions(run, topics));
    const card = await finishDataset({ settings, path: folder.path, stages: run.ended, signal });
    yield { type: 'dataset-end', directory: folder.path('dataset'), card };
  } finally {
    // What ended the run is to be told, and not that this note could not be written.
    await noteSpending(run).catch(() => undefined);
    await folder.close();
  }
}

interface Run {
  readonly settings: ResolvedRunSettings;
  readonly stages: StageSettings;
  readonly folder: RunFolder;
  readonly tools: StageTools;
  readonly ended: StageSpending[];
  current?: StageSpending | undefined;
}

function stageSettings({ criterion, model, weakModel, seed }: ResolvedRunSettings): StageSettings {
  return { criterion, model, weakModel, seed };
}

async function* makeTopics(run: Run): AsyncGenerator<DatagenEvent, Topic[]> {
  const { settings, stages, folder } = run;
  let topics = seedTopics(stages);
  for (let round = 1; round <= mostRounds; round++) {
    const requests = topicRequests(stages, topics, { round, wanted: settings.topics });
    if (requests.length === 0) break;
    const stage: AskedStage<undefined, Topic> = {
      name: `topics, round ${round}`,
      requests: requests.length,
      plan: () => requests.map((request) => ({ request, source: undefined })),
      read: topicsOf,
    };
    yield* ask(run, stage);
    for await (const topic of stageResults(stage, run.tools.journal)) topics.push(topic);
    topics = uniqueTopics(topics);
    requireUsable(run.ended, { stage: 'topics', isOver: false });
  }
  requireUsable(run.ended, { stage: 'topics', isOver: true });
  const kept = equalTypes(topics, settings.topics);
  if (kept.length === 0) throw new AlignSquadError('The model gave no topics that could be used.', { code: 'generator-failed' });
  await writeRecords(folder.path('topics.jsonl'), kept);
  return kept.map((topic) => topicSchema.parse(topic));
}

async function* makeQuestions(run: Run, topics: readonly Topic[]): AsyncGenerator<DatagenEvent, number> {
  const { settings, stages, folder } = run;
  const { count, adversarialShare } = settings;
  const stage: AskedStage<QuestionHints, Question> = {
    name: 'questions',
    requests: Math.ceil(count / questionsARequest),
    plan: () => questionRequests(stages, topics, { count, adversarialShare }),
    read: questionsOf,
  };
  yield* ask(run, stage);
  requireUsable(run.ended.slice(-1), { stage: stage.name, isOver: true });
  return writeRecords(folder.path('questions.jsonl'), stageResults(stage, run.tools.journal));
}

async function* makeTriples(run: Run, questions: number): AsyncGenerator<DatagenEvent> {
  const { settings, stages, folder, tools } = run;
  const stage: AskedStage<Question, Triple | AnsweredQuestion> = {
    name: 'triples',
    requests: questions,
    async *plan() {
      for await (const question of readRecords(folder.path('questions.jsonl'), questionSchema)) yield tripleRequest(stages, question, settings);
    },
    read: (answer, question) => present(tripleOf(stages, answer, question)),
  };
  yield* ask(run, stage);
  requireUsable(run.ended.slice(-1), { stage: stage.name, isOver: true });
  if (settings.format !== 'two-models') {
    await writeRecords(folder.path('triples.jsonl'), stageResults(stage, tools.journal));
    return;
  }
  const answered = await writeRecords(folder.path('answered.jsonl'), stageResults(stage, tools.journal));
  const identities = await count(readRecords(folder.path('answered.jsonl'), answeredSchema), isTriple);
  const corrections: AskedStage<AnsweredQuestion, Triple> = {
    name: 'corrections',
    requests: answered - identities,
    async *plan() {
      for await (const record of readRecords(folder.path('answered.jsonl'), answeredSchema)) if (!isTriple(record)) yield correctionRequest(stages, record);
    },
    read: (answer, answered) => present(correctionOf(stages, answer, answered)),
  };
  yield* ask(run, corrections);
  requireUsable(run.ended.slice(-1), { stage: corrections.name, isOver: true });
  await writeRecords(folder.path('triples.jsonl'), withCorrections(folder.path('answered.jsonl'), stageResults(corrections, tools.journal)));
}

const answeredSchema: z.ZodType<Triple | AnsweredQuestion> = z.union([tripleSchema, questionSchema.and(z.object({ response: z.string() }))]);

/** Finished records of the first part, then those that the second model corrected. */
async function* withCorrections(answered: string, corrected: AsyncIterable<Triple>): AsyncGenerator<Triple> {
  for await (const record of readRecords(answered, answeredSchema)) if (isTriple(record)) yield record;
  yield* corrected;
}

async function* ask<Source, Result>(run: Run, stage: AskedStage<Source, Result>): AsyncGenerator<DatagenEvent> {
  const { prices } = run.settings;
  const costs = prices && watchCosts(stage, run.tools.journal, prices);
  const asked = askStage(costs?.stage ?? stage, { ...run.tools, journal: costs?.journal ?? run.tools.journal });
  try {
    for (let count = 1; ; count++) {
      const next = await asked.next();
      const spending: StageSpending = { ...next.value, ...(costs && { cost: costs.cost() }) };
      run.current = next.done ? undefined : spending;
      if (next.done) run.ended.push(spending);
      if (next.done || count % answersANote === 0) await noteSpending(run);
      if (!next.done) yield { type: 'progress', ...spending };
      else return yield { type: 'stage-end', records: spending.answered - spending.rejected, ...spending };
    }
  } finally {
    // A reader that leaves ends the requests in progress, before the journal is closed.
    if (run.current) await asked.return(run.current);
  }
}

function noteSpending({ settings, folder, ended, current }: Run): Promise<void> {
  return writeSpending(folder.path('spending.json'), sumSpending([...ended, ...(current ? [current] : [])], settings.currency));
}

async function count<T>(records: AsyncIterable<T>, isCounted: (record: T) => boolean): Promise<number> {
  let counted = 0;
  for await (const record of records) if (isCounted(record)) counted += 1;
  return counted;
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
