import { createReadStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';
import { openJournal } from './journal.js';
import { parseJson } from './json-lines.js';
import { readSpending, type RunSpending } from './run-spending.js';

/** How far the run of a folder is. */
export interface RunStatus {
  /** Id of the criterion. */
  readonly criterion: string;
  readonly model: string;
  /** Questions that were asked for. */
  readonly count: number;
  /** Answers that are kept. */
  readonly answers: number;
  /** Lines of the journal that were damaged; those are asked again. */
  readonly damagedAnswers: number;
  /** Records of the stages that have ended. */
  readonly records: Readonly<Partial<Record<'topics' | 'questions' | 'triples' | 'train' | 'dev', number>>>;
  /** What the answers cost, up to 100 answers behind while it runs; absent before the first ones. */
  readonly spending?: RunSpending | undefined;
  readonly isFinished: boolean;
  /** A process holds the folder, or was killed in it. */
  readonly isLocked: boolean;
}

const headSchema = z.object({ criterion: z.object({ id: z.string() }), model: z.string(), count: z.number() });
const newline = 0x0a;

/**
 * Reads how far a run is, also while it runs; changes nothing.
 * @throws AlignSquadError `invalid-options` for a folder without a run.
 */
export async function readRunStatus(directory: string): Promise<RunStatus> {
  const text = await readFile(join(directory, 'run.json'), 'utf8').catch((error: unknown) => {
    throw new AlignSquadError('The folder holds no run: there is no run.json that can be read.', { code: 'invalid-options', cause: error });
  });
  const { criterion, model, count } = parseWith(headSchema, parseJson(text), { what: 'run.json of the run folder', code: 'invalid-options' });
  const journal = await openJournal(join(directory, 'answers.journal'), { readOnly: true });
  const { size: answers, damaged: damagedAnswers } = journal;
  await journal.close();
  const files = { topics: 'topics.jsonl', questions: 'questions.jsonl', triples: 'triples.jsonl', train: 'dataset/train.jsonl', dev: 'dataset/dev.jsonl' };
  const counted = await Promise.all(Object.entries(files).map(async ([name, file]) => [name, await countLines(join(directory, file))] as const));
  const records = Object.fromEntries(counted.filter(([, lines]) => lines !== undefined)) as RunStatus['records'];
  const isFinished = await exists(join(directory, 'dataset/card.json'));
  const spending = await readSpending(join(directory, 'spending.json'));
  return { criterion: criterion.id, model, count, answers, damagedAnswers, records, ...(spending && { spending }), isFinished, isLocked: await exists(join(directory, 'lock')) };
}

async function countLines(path: string): Promise<number | undefined> {
  if (!(await exists(path))) return undefined;
  let lines = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) for (const byte of chunk) if (byte === newline) lines += 1;
  return lines;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
