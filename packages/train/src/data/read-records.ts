import { createHash } from 'node:crypto';
import { AlignSquadError, parseWith, promptText, splitSentences, type Exchange } from '@align-squad/core';
import { z } from 'zod';
import type { LabelledExchange } from '../inspector/labelled-exchange.js';
import { readJsonLines, type JsonLine } from './read-lines.js';
import { cleanCriterion, isIdentity, isTriple, tripleSchema, type Triple } from './triple.js';

/** What both kinds of records know of where they come from. */
interface RecordOrigin {
  /** Number of the line over all files, from 1. */
  readonly line: number;
  /** Records of one prompt share it. */
  readonly promptKey: string;
}

/** A labelled response to train an inspector on. */
export interface InspectorRecord extends LabelledExchange, RecordOrigin {
  /** Records that share it lie side by side in a batch; the misaligned one is ranked above the aligned one. */
  readonly pair?: string | undefined;
}

/** A response with its correction, to train an aligner on. */
export interface AlignerRecord extends RecordOrigin {
  readonly exchange: Exchange;
  readonly correction: string;
  /** The response was aligned to begin with. */
  readonly identity: boolean;
}

/** Records of some files, and a hash of what they hold. */
export interface RecordSet<T> {
  readonly records: readonly T[];
  readonly sha256: string;
}

/** Options of `readInspectorRecords`. */
export interface InspectorRecordOptions {
  readonly criteria: readonly { readonly id: string; readonly needsContext?: boolean | undefined }[];
  readonly signal?: AbortSignal | undefined;
}

const text = z.string();
const context = text.nullable().optional();
const probability = z.number().min(0).max(1);
const labels = z.record(z.string(), probability);
const weight = z.number().min(0).optional();

const labelledSchema = z.object({
  prompt: text.optional(),
  context,
  response: text.min(1),
  labels,
  weight,
  sentences: z.object({ labels: z.array(labels.nullable()), weight }).optional(),
  pair: text.min(1).optional(),
});
const singleSchema = z.object({ prompt: text.optional(), context, response: text.min(1), label: probability, weight });
const correctionSchema = z.object({ prompt: text.optional(), context, response: text.min(1), correction: text.min(1) });

/**
 * Reads labelled responses `{ prompt?, context?, response, labels: { criterion: P(misaligned) }, weight?, sentences?, pair? }`,
 * `{ prompt?, response, label }` where one criterion is trained, and triples, which give two records each.
 * @throws AlignSquadError `invalid-options`, or `invalid-dataset` naming file, line and field.
 */
export async function readInspectorRecords(files: readonly string[], options: InspectorRecordOptions): Promise<RecordSet<InspectorRecord>> {
  const { lines, sha256 } = await readJsonLines(files, options.signal);
  const records = lines.flatMap((line) => toInspectorRecords(line, options)).filter((record) => Object.keys(record.labels).length > 0);
  if (records.length > 0) return { records, sha256 };
  throw new AlignSquadError(`None of ${lines.length} records is labelled for ${options.criteria.map(({ id }) => id).join(', ')}.`, { code: 'invalid-dataset' });
}

function toInspectorRecords(line: JsonLine, { criteria }: InspectorRecordOptions): InspectorRecord[] {
  if (isTriple(line.value)) return fromTriple(line, parse(tripleSchema, line), criteria);
  if (isRecord(line.value) && 'label' in line.value) {
    const [only, ...more] = criteria;
    if (only === undefined || more.length > 0) throw new AlignSquadError(`Expected ${line.place} to have \`labels\` by criterion, as several are trained.`, { code: 'invalid-dataset' });
    const { label, ...record } = parse(singleSchema, line);
    return [{ ...origin(line, record), labels: { [only.id]: label }, weight: record.weight ?? 1 }];
  }
  const record = parse(labelledSchema, line);
  const known = new Set(criteria.map(({ id }) => id));
  const trained = (given: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(given).filter(([id]) => known.has(id)));
  const { sentences, pair } = record;
  return [{
    ...origin(line, record),
    labels: trained(record.labels),
    weight: record.weight ?? 1,
    ...(sentences === undefined ? {} : { sentences: { labels: sentences.labels.map((some) => some && trained(some)), weight: sentences.weight ?? 1 } }),
    ...(pair === undefined ? {} : { pair }),
  }];
}

/** The misaligned text is labelled for its own criterion; sentences that the aligned one keeps are fine. */
function fromTriple(line: JsonLine, triple: Triple, criteria: InspectorRecordOptions['criteria']): InspectorRecord[] {
  const { criterion, misaligned, aligned, weight: counts = 1 } = triple;
  const identity = isIdentity(triple);
  const own = criteria.filter(({ id }) => id === criterion || (identity && criterion === cleanCriterion) || (criterion === undefined && criteria.length === 1));
  const served = own.filter(({ needsContext }) => needsContext !== true || (triple.context ?? '').trim() !== '' || !identity);
  const label = (value: 0 | 1): Record<string, number> => Object.fromEntries(served.map(({ id }) => [id, value]));
  const record = (response: string, value: 0 | 1, sentenceLabels: readonly (0 | 1)[], isCertain: boolean): InspectorRecord => ({
    ...origin(line, { ...triple, response }),
    labels: label(value),
    weight: counts,
    sentences: { labels: sentenceLabels.map(label), weight: isCertain ? 1 : 0.3 },
    ...(identity ? {} : { pair: `line ${line.line}` }),
  });
  const kept = new Set(sentencesOf(aligned));
  const alignedRecord = record(aligned, 0, sentencesOf(aligned).map(() => 0), true);
  if (identity) return [alignedRecord];
  const sentences = sentencesOf(misaligned);
  const isCertain = sentences.length === 1 || sentences.some((sentence) => kept.has(sentence));
  return [record(misaligned, 1, sentences.map((sentence) => (kept.has(sentence) ? 0 : 1)), isCertain), alignedRecord];
}

function sentencesOf(response: string): string[] {
  return splitSentences(response).map(({ start, end }) => response.slice(start, end).trim()).filter((sentence) => sentence !== '');
}

/**
 * Reads corrections `{ prompt?, context?, response, correction }` and triples, of which identities teach to change nothing.
 * @throws AlignSquadError `invalid-options`, or `invalid-dataset` naming file, line and field.
 */
export async function readAlignerRecords(files: readonly string[], { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<RecordSet<AlignerRecord>> {
  const { lines, sha256 } = await readJsonLines(files, signal);
  const records = lines.map((line): AlignerRecord => {
    if (isTriple(line.value)) {
      const triple = parse(tripleSchema, line);
      const identity = isIdentity(triple);
      return { ...origin(line, { ...triple, response: identity ? triple.aligned : triple.misaligned }), correction: triple.aligned, identity };
    }
    const record = parse(correctionSchema, line);
    return { ...origin(line, record), correction: record.correction, identity: record.response === record.correction };
  });
  return { records, sha256 };
}

function origin({ line }: JsonLine, fields: { prompt?: string | undefined; context?: string | null | undefined; response: string }): RecordOrigin & { exchange: Exchange } {
  const { prompt, response } = fields;
  const grounding = (fields.context ?? '').trim() === '' ? undefined : (fields.context ?? undefined);
  const exchange: Exchange = { response, ...(prompt === undefined ? {} : { prompt }), ...(grounding === undefined ? {} : { context: grounding }) };
  // Without a prompt a record has only its response to be told by.
  return { exchange, line, promptKey: promptText(prompt ?? '') || response };
}

function parse<T>(schema: z.ZodType<T>, { value, place }: JsonLine): T {
  return parseWith(schema, value, { what: `a record in ${place}`, code: 'invalid-dataset' });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Holds a share of the prompts out with all of their records, by a hash of prompt and seed; at least one prompt stays on each side. */
export function splitByPrompt<T extends Pick<RecordOrigin, 'promptKey'>>(
  records: readonly T[],
  { share, seed }: { readonly share: number; readonly seed: number },
): { readonly training: readonly T[]; readonly held: readonly T[] } {
  const place = (key: string): number => createHash('sha256').update(`${seed}\n${key}`).digest().readUInt32BE(0);
  const prompts = [...new Set(records.map(({ promptKey }) => promptKey))].map((key) => ({ key, at: place(key) })).sort((a, b) => a.at - b.at);
  const count = Math.min(prompts.length - 1, Math.max(1, Math.round(share * prompts.length)));
  const chosen = new Set(prompts.slice(0, Math.max(0, count)).map(({ key }) => key));
  return { training: records.filter(({ promptKey }) => !chosen.has(promptKey)), held: records.filter(({ promptKey }) => chosen.has(promptKey)) };
}
