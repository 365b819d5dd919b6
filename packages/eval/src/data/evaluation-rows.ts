import { AlignSquadError, parseWith, type Exchange, type Message } from '@align-squad/core';
import { z } from 'zod';
import { cleanCriterion } from './record.js';

/** One response with what is known of it. */
export interface EvaluationRow {
  /** The rows of one triple share it. */
  readonly id: string;
  readonly exchange: Exchange;
  /** Whether the response fails a criterion, by id; empty for a clean one. */
  readonly labels: Readonly<Record<string, boolean>>;
  /** True when the response is aligned for every criterion, also those without a label. */
  readonly isClean: boolean;
  /** What a misaligned response should have been, where that is known. */
  readonly reference?: string | undefined;
  /** Where the record comes from, such as the name of a dataset. */
  readonly source?: string | undefined;
}

/** Options of `parseEvaluationRows`. */
export interface EvaluationRowsOptions {
  /** Criterion of the lines that have a `label` and name none. @default none: such a line is refused */
  readonly criterion?: string | undefined;
  /** Name of the data, which messages and made-up ids start with. @default none */
  readonly name?: string | undefined;
}

interface Line {
  readonly id?: string | number | null | undefined;
  readonly prompt?: string | readonly Message[] | null | undefined;
  readonly context?: string | null | undefined;
  readonly source?: string | null | undefined;
}

interface TripleLine extends Line {
  readonly criterion: string;
  readonly misaligned: string;
  readonly aligned: string;
  readonly identity?: boolean | undefined;
}

interface LabelledLine extends Line {
  readonly response: string;
  readonly criterion?: string | undefined;
  readonly labels?: Readonly<Record<string, number | boolean>> | undefined;
  readonly label?: number | boolean | undefined;
  readonly misaligned?: boolean | undefined;
}

const text = z.string().min(1);
const label = z.union([z.boolean(), z.number().min(0).max(1)]);
const message = z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() });
// Other fields are the caller's own and are left alone.
const fields = {
  id: z.union([z.string(), z.number()]).nullish(),
  prompt: z.union([z.string(), z.array(message)]).nullish(),
  context: z.string().nullish(),
  source: z.string().nullish(),
};

const tripleSchema: z.ZodType<TripleLine> = z
  .object({ ...fields, criterion: text, misaligned: text, aligned: text, identity: z.boolean().optional() })
  .refine(({ identity, misaligned, aligned }) => identity === undefined || identity === (misaligned === aligned))
  .refine(({ criterion, misaligned, aligned }) => criterion !== cleanCriterion || misaligned === aligned);

const labelledSchema: z.ZodType<LabelledLine> = z
  .object({
    ...fields,
    response: text,
    criterion: text.optional(),
    labels: z.record(text, label).refine((labels) => Object.keys(labels).length > 0).optional(),
    label: label.optional(),
    misaligned: z.boolean().optional(),
  })
  .refine((line) => [line.labels, line.label, line.misaligned].filter((given) => given !== undefined).length === 1);

/**
 * Reads JSON Lines of triples `{ id?, criterion, prompt?, context?, misaligned, aligned, identity?, source? }`, which give a
 * row for each of their texts, and of labelled responses `{ prompt?, context?, response, labels: { criterion: label }, source? }`
 * or `{ ..., criterion?, label }` or `{ ..., criterion?, misaligned }`; a label is a boolean or P(misaligned), which fails from 0.5.
 * `criterion: 'clean'` says aligned for every one. Blank lines are skipped and other fields ignored.
 * @throws AlignSquadError `invalid-dataset`, naming the line and its faulty fields.
 */
export function parseEvaluationRows(jsonl: string, options: EvaluationRowsOptions = {}): EvaluationRow[] {
  return jsonl.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : rowsOfLine(line, index + 1, options)));
}

function rowsOfLine(line: string, number: number, { criterion, name }: EvaluationRowsOptions): EvaluationRow[] {
  const place = name === undefined ? `line ${number}` : `${name} line ${number}`;
  const value = parseJson(line);
  if (typeof value === 'object' && value !== null && 'aligned' in value) {
    return rowsOfTriple(parseWith(tripleSchema, value, { what: `${place} to be a triple`, code: 'invalid-dataset' }), place);
  }
  const parsed = parseWith(labelledSchema, value, { what: `${place} to be a triple or a labelled response`, code: 'invalid-dataset' });
  return [rowOfLabelled({ ...parsed, criterion: parsed.criterion ?? criterion }, place)];
}

function rowsOfTriple({ criterion, misaligned, aligned, ...line }: TripleLine, place: string): EvaluationRow[] {
  const isClean = criterion === cleanCriterion;
  const sound = { ...rowOf(line, aligned, place), isClean, labels: isClean ? {} : { [criterion]: false } };
  if (misaligned === aligned) return [sound];
  return [{ ...rowOf(line, misaligned, place), isClean: false, labels: { [criterion]: true }, reference: aligned }, sound];
}

function rowOfLabelled({ response, criterion, labels, label: single, misaligned, ...line }: LabelledLine, place: string): EvaluationRow {
  const row = rowOf(line, response, place);
  if (labels !== undefined) return { ...row, isClean: false, labels: Object.fromEntries(Object.entries(labels).map(([id, given]) => [id, isFailing(given)])) };
  const fails = isFailing(single ?? misaligned ?? false);
  if (criterion === cleanCriterion && !fails) return { ...row, isClean: true, labels: {} };
  if (criterion === undefined || criterion === cleanCriterion) {
    throw new AlignSquadError(`Expected ${place} to name the \`criterion\` that its label is of, or to have \`labels\` by criterion.`, { code: 'invalid-dataset' });
  }
  return { ...row, isClean: false, labels: { [criterion]: fails } };
}

function rowOf({ id, prompt, context, source }: Line, response: string, place: string): Omit<EvaluationRow, 'labels' | 'isClean'> {
  const exchange: Exchange = {
    response,
    ...(prompt === undefined || prompt === null ? {} : { prompt }),
    ...(context === undefined || context === null ? {} : { context }),
  };
  const origin = source === undefined || source === null ? {} : { source };
  return { id: id === undefined || id === null ? place : String(id), exchange, ...origin };
}

function isFailing(given: number | boolean): boolean {
  return given === true || (typeof given === 'number' && given >= 0.5);
}

/** Whether the response of a row fails a criterion; undefined where it is not labelled for it. */
export function labelOf({ labels, isClean }: EvaluationRow, criterion: string): boolean | undefined {
  return (Object.hasOwn(labels, criterion) ? labels[criterion] : undefined) ?? (isClean ? false : undefined);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // the schema's message names the line
  }
}
