import { AlignSquadError } from '@align-squad/core';
import type { Executor } from '../executors/executor.js';
import type { DatagenAnswer, DatagenRequest } from '../executors/request.js';
import type { PlannedRequest, StageAnswer } from '../stages/stage.js';
import type { Journal } from './journal.js';

/** How far a stage is. */
export interface StageProgress {
  readonly stage: string;
  /** Requests in all. */
  readonly requests: number;
  /** Answers that were there when the stage began. */
  readonly resumed: number;
  readonly answered: number;
  /** Requests that the server refused for good. */
  readonly failed: number;
  /** Requests that got no answer this time. */
  readonly unanswered: number;
  /** Answers that could not be read. */
  readonly rejected: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A stage to run: its requests, in the same order each time, and how answers are read. */
export interface AskedStage<Source, Result> {
  readonly name: string;
  /** Requests of the plan. */
  readonly requests: number;
  readonly plan: () => Iterable<PlannedRequest<Source>> | AsyncIterable<PlannedRequest<Source>>;
  /** What an answer gives; nothing when it can't be read. */
  readonly read: (answer: StageAnswer, source: Source) => readonly Result[];
}

/** What a stage runs with. */
export interface StageTools {
  readonly journal: Journal;
  readonly executor: Executor;
  readonly signal?: AbortSignal | undefined;
}

// Below these, a few bad answers are chance.
const fewestAnswers = 20;
const mostRejected = 0.9;

/**
 * Asks what the journal has no answer to, and keeps each answer before it counts.
 * @throws AlignSquadError `generator-failed` when more than 90 % of at least 20 answers can't be read, and what the executor
 * throws; the signal's reason.
 */
export async function* askStage<Source, Result>(stage: AskedStage<Source, Result>, { journal, executor, signal }: StageTools): AsyncGenerator<StageProgress, StageProgress> {
  const counts = { requests: stage.requests, resumed: 0, answered: 0, failed: 0, unanswered: 0, rejected: 0, inputTokens: 0, outputTokens: 0 };
  const progress = (): StageProgress => ({ stage: stage.name, ...counts });
  const count = (answer: DatagenAnswer, { request, source }: PlannedRequest<Source>): void => {
    if (!answer.ok) {
      if (isFinal(answer.reason)) counts.failed += 1;
      else counts.unanswered += 1;
      return;
    }
    counts.answered += 1;
    counts.inputTokens += answer.usage.input;
    counts.outputTokens += answer.usage.output;
    if (stage.read({ request, text: answer.text, isComplete: answer.isComplete }, source).length === 0) counts.rejected += 1;
  };
  const waiting = new Map<string, PlannedRequest<Source>>();
  async function* open(): AsyncGenerator<DatagenRequest> {
    for await (const planned of stage.plan()) {
      const { request } = planned;
      const answer = await journal.read(request.id);
      if (answer) {
        counts.resumed += 1;
        count(answer, planned);
      } else if (!waiting.has(request.id)) {
        waiting.set(request.id, planned);
        yield request;
      }
    }
  }
  for await (const answer of executor.run(open(), { signal })) {
    if (answer.ok || isFinal(answer.reason)) await journal.append(answer);
    const planned = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (planned) count(answer, planned);
    requireReadable(progress());
    yield progress();
  }
  signal?.throwIfAborted();
  requireReadable(progress());
  if (counts.unanswered > 0) {
    // What comes next is made of all answers, and would be asked anew when the missing ones come.
    throw new AlignSquadError(`${counts.unanswered} of ${counts.requests} requests of the stage ${stage.name} got no answer: start it again to ask them again.`, {
      code: 'generator-failed',
    });
  }
  return progress();
}

const refusals = new Set(['content-filter', 'refused', 'no-text', 'too-large']);

/** A failure that would come again; others are asked again when the run goes on. */
function isFinal(reason: string): boolean {
  return refusals.has(reason) || /^http-4\d\d$/u.test(reason);
}

function requireReadable({ stage, answered, failed, unanswered, rejected }: StageProgress): void {
  const all = answered + failed + unanswered;
  if (all < fewestAnswers || rejected + failed + unanswered <= mostRejected * all) return;
  throw new AlignSquadError(
    `${rejected + failed + unanswered} of ${all} requests of the stage ${stage} led to nothing that can be used: does the model follow the format, and is it the right one? Answers are kept in the run folder.`,
    { code: 'generator-failed' },
  );
}

/** What all answers of a stage give, in the order of its requests; those without an answer give nothing. */
export async function* stageResults<Source, Result>(stage: AskedStage<Source, Result>, journal: Journal): AsyncGenerator<Result> {
  for await (const { request, source } of stage.plan()) {
    const answer = await journal.read(request.id);
    if (answer?.ok) yield* stage.read({ request, text: answer.text, isComplete: answer.isComplete }, source);
  }
}
