import { AlignSquadError, parseExchange, promptText, type Exchange } from '@align-squad/core';
import type { ResponsePair } from '@align-squad/eval';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { systemCode } from './files.js';
import { readLines } from './lines.js';
import { parseRecord } from './record.js';

/** What a file of results holds. */
export interface JudgeData {
  readonly pairs: readonly ResponsePair[];
  /** Lines that tell of an error and hold no response. */
  readonly leftOut: number;
}

type Line = Readonly<Record<string, unknown>>;

/**
 * Reads pairs of responses from JSON Lines: what `align` writes, or `{"id"?, "prompt"?, "context"?, "criterion"?}` with
 * `original`, `misaligned` or `response` and with `aligned` or `text`. Prompts and contexts also come by id from `exchanges`,
 * the file that `align --input` read. A line without an id has its number for one.
 * @throws AlignSquadError `invalid-options` for a file that can't be read, `invalid-dataset` for a faulty line, by its number.
 */
export async function readJudgeData(path: string, exchanges: string | undefined): Promise<JudgeData> {
  const asked = exchanges === undefined ? undefined : await readExchanges(exchanges);
  const pairs: ResponsePair[] = [];
  let leftOut = 0;
  for await (const { number, value, where } of readObjects(path, '--data')) {
    const texts = textsOf(value);
    if (!texts && typeof value.error === 'object') leftOut += 1;
    else pairs.push(toPair(value, { texts, number, where, asked }));
  }
  return { pairs, leftOut };
}

async function readExchanges(path: string): Promise<ReadonlyMap<string, Exchange>> {
  const found = new Map<string, Exchange>();
  for await (const { number, text, where } of readTexts(path, '--exchanges')) {
    const record = parseRecord(text, number);
    if ('error' in record) throw new AlignSquadError(`${where}: ${record.error.message}`, { code: 'invalid-dataset' });
    found.set(String(record.id), record.exchange);
  }
  return found;
}

/** The original and the aligned response of a line. `response` is the aligned one where it stands beside `original` alone, as `align` writes it. */
function textsOf({ original, misaligned, response, aligned, text }: Line): readonly [unknown, unknown] | undefined {
  const after = aligned ?? text;
  const before = original ?? misaligned ?? response;
  if (before !== undefined && after !== undefined) return [before, after];
  return original === undefined || response === undefined ? undefined : [original, response];
}

interface PairPlace {
  readonly texts: readonly [unknown, unknown] | undefined;
  readonly number: number;
  readonly where: string;
  readonly asked: ReadonlyMap<string, Exchange> | undefined;
}

function toPair(value: Line, { texts, number, where, asked }: PairPlace): ResponsePair {
  const id = value.id ?? number;
  if (!texts) throw invalidLine(where, 'an original and an aligned response');
  const [before, aligned] = texts;
  if (typeof aligned !== 'string') throw invalidLine(where, 'the aligned response to be a string');
  if ((typeof id !== 'string' || id === '') && typeof id !== 'number') throw invalidLine(where, '`id` to be a string or a number');
  const known = asked?.get(String(id));
  if (asked && !known) throw invalidLine(where, 'an exchange of its id in the file of `--exchanges`');
  const prompt = value.prompt ?? known?.prompt;
  const context = value.context ?? known?.context;
  const criterion = value.criterion ?? criterionOfSteps(value.steps);
  if (criterion !== undefined && (typeof criterion !== 'string' || criterion === '')) throw invalidLine(where, '`criterion` to be an id');
  const exchange = checkExchange(where, { response: before, ...(prompt !== undefined && { prompt }), ...(context !== undefined && { context }) });
  return {
    id: String(id),
    ...(exchange.prompt !== undefined && { prompt: promptText(exchange.prompt) }),
    ...(exchange.context !== undefined && { context: exchange.context }),
    ...(criterion !== undefined && { criterion }),
    original: exchange.response,
    aligned,
  };
}

/** The criterion of the rewrites that were taken, where it is one. */
function criterionOfSteps(steps: unknown): string | undefined {
  if (!Array.isArray(steps)) return undefined;
  const taken = (steps as readonly Line[]).filter((step) => step?.accepted === true && step.rolledBack !== true);
  const [first, ...others] = new Set(taken.map(({ criterion }) => criterion));
  return typeof first === 'string' && others.length === 0 ? first : undefined;
}

function checkExchange(where: string, value: unknown): Exchange {
  try {
    return parseExchange(value);
  } catch (error) {
    if (!AlignSquadError.isInstance(error)) throw error;
    throw new AlignSquadError(`${where}: ${error.message}`, { code: 'invalid-dataset' });
  }
}

async function* readObjects(path: string, option: string): AsyncGenerator<{ readonly number: number; readonly value: Line; readonly where: string }> {
  for await (const { number, text, where } of readTexts(path, option)) yield { number, where, value: parseObject(text, where) };
}

function parseObject(text: string, where: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON is no object either, and the error of the parser quotes the line.
  }
  // The checks make it an object with string keys.
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Line;
  throw invalidLine(where, 'the line to be a JSON object');
}

/** The lines of a file that are not blank. */
async function* readTexts(path: string, option: string): AsyncGenerator<{ readonly number: number; readonly text: string; readonly where: string }> {
  for await (const line of readLines(chunksOf(path, option))) {
    const where = `${basename(path)} line ${line.number}`;
    if ('error' in line) throw new AlignSquadError(`${where}: ${line.error.message}`, { code: 'invalid-dataset' });
    if (line.text.trim() !== '') yield { number: line.number, text: line.text, where };
  }
}

async function* chunksOf(path: string, option: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array; // without an encoding chunks are bytes
  } catch (error) {
    throw unreadable(option, error);
  }
}

/** The text of the file of an option. @throws AlignSquadError `invalid-options` when it can't be read. */
export async function readTextOption(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(option, error);
  }
}

function unreadable(option: string, error: unknown): AlignSquadError {
  return new AlignSquadError(`The file of \`${option}\` could not be read (${systemCode(error)}).`, { code: 'invalid-options', cause: error });
}

function invalidLine(where: string, what: string): AlignSquadError {
  return new AlignSquadError(`${where}: expected ${what}.`, { code: 'invalid-dataset' });
}
