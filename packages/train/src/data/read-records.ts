import { AlignSquadError, parseWith } from '@align-squad/core';
import { isMisaligned } from '../inspector/labelled-exchange.js';
import { inspectorRecordsOf, type InspectorRecord, type LabelOptions } from './inspector-records.js';
import { describeSource, readJsonLines, type JsonLine, type JsonLinesOptions, type RecordSource } from './json-lines.js';
import { createRecordHash } from './record-hash.js';
import { originOf, type RecordOrigin } from './record-origin.js';
import { cleanCriterion, correctionSchema, hasField, isIdentity, tripleSchema } from './record-schemas.js';

export type { InspectorRecord } from './inspector-records.js';
export { splitByPrompt } from './split-by-prompt.js';

/** A response with its correction, to train an aligner on. */
export interface AlignerRecord extends RecordOrigin {
  readonly correction: string;
  /** The response was aligned to begin with: it teaches to change nothing. */
  readonly identity: boolean;
  /** How much it counts. */
  readonly weight: number;
}

/** Records of a source. */
export interface RecordSet<T> {
  readonly records: readonly T[];
  /** SHA-256 of what the lines hold, the same for the same data in other files or in memory. */
  readonly sha256: string;
  /** How many there are of each kind. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Options of `readInspectorRecords`. */
export interface InspectorRecordOptions extends LabelOptions, JsonLinesOptions {}

/**
 * Reads labelled responses `{ prompt?, context?, response, labels: { criterion: P(misaligned) }, weight?, sentences?, pair? }`,
 * `{ prompt?, response, label }` where one criterion is trained, and triples, which give two records each.
 * Counts `lines`, and `misaligned.CRITERION` and `aligned.CRITERION` records.
 * @throws AlignSquadError `invalid-dataset` naming file, line and field, or the criterion whose records are all of one
 * label; `invalid-options` for a file that can't be read; the signal's reason.
 */
export async function readInspectorRecords(source: RecordSource, options: InspectorRecordOptions): Promise<RecordSet<InspectorRecord>> {
  const hash = createRecordHash();
  const records: InspectorRecord[] = [];
  let lines = 0;
  for await (const line of readJsonLines(source, options)) {
    const read = inspectorRecordsOf(line, options);
    hash.add(read.checked);
    records.push(...read.records);
    lines += 1;
  }
  requireLines(lines, source);
  const counts: Record<string, number> = { lines };
  for (const { id } of options.criteria) {
    const labels = records.flatMap(({ labels: { [id]: label } }) => (label === undefined ? [] : [isMisaligned(label)]));
    const misaligned = labels.filter(Boolean).length;
    const aligned = labels.length - misaligned;
    requireBothLabels(id, { misaligned, aligned }, source);
    counts[`misaligned.${id}`] = misaligned;
    counts[`aligned.${id}`] = aligned;
  }
  return { records, sha256: hash.digest(), counts };
}

/** Options of `readAlignerRecords`. */
export interface AlignerRecordOptions extends JsonLinesOptions {
  /** Criteria that triples may be of, besides `clean`. @default any */
  readonly criteria?: readonly string[] | undefined;
}

/**
 * Reads corrections `{ prompt?, context?, response, correction, weight? }` and triples, of which identities teach to
 * change nothing. Counts `lines`, `corrections` and `identities`.
 * @throws AlignSquadError `invalid-dataset` naming file, line and field; `invalid-options` for a file that can't be read;
 * the signal's reason.
 */
export async function readAlignerRecords(source: RecordSource, options: AlignerRecordOptions = {}): Promise<RecordSet<AlignerRecord>> {
  const hash = createRecordHash();
  const records: AlignerRecord[] = [];
  for await (const line of readJsonLines(source, options)) {
    const { checked, record } = alignerRecordOf(line, options);
    hash.add(checked);
    records.push(record);
  }
  requireLines(records.length, source);
  const identities = records.filter(({ identity }) => identity).length;
  return { records, sha256: hash.digest(), counts: { lines: records.length, corrections: records.length - identities, identities } };
}

function alignerRecordOf(line: JsonLine, { criteria }: AlignerRecordOptions): { readonly checked: object; readonly record: AlignerRecord } {
  const parsing = { what: `${line.place} to be a response with its correction or a triple`, code: 'invalid-dataset' } as const;
  if (hasField(line.value, 'misaligned') || hasField(line.value, 'aligned')) {
    const checked = parseWith(tripleSchema, line.value, parsing);
    const { misaligned, aligned, weight = 1 } = checked;
    const identity = isIdentity(checked);
    const { criterion = cleanCriterion } = checked;
    if (criteria && criterion !== cleanCriterion && !criteria.includes(criterion)) {
      throw new AlignSquadError(`Expected \`criterion\` of ${line.place} to be one that is trained: ${criteria.join(', ')}.`, { code: 'invalid-dataset' });
    }
    return { checked, record: { ...originOf(line, { ...checked, response: identity ? aligned : misaligned }), correction: aligned, identity, weight } };
  }
  const checked = parseWith(correctionSchema, line.value, parsing);
  const { response, correction, weight = 1 } = checked;
  return { checked, record: { ...originOf(line, checked), correction, identity: response === correction, weight } };
}

function requireLines(lines: number, source: RecordSource): void {
  if (lines === 0) throw new AlignSquadError(`Expected records in ${describeSource(source)}, got none.`, { code: 'invalid-dataset' });
}

function requireBothLabels(id: string, { misaligned, aligned }: { readonly misaligned: number; readonly aligned: number }, source: RecordSource): void {
  if (misaligned > 0 && aligned > 0) return;
  const found = misaligned + aligned === 0 ? 'none' : `only ${misaligned > 0 ? 'misaligned' : 'aligned'} ones`;
  throw new AlignSquadError(`Expected misaligned and aligned records of \`${id}\` in ${describeSource(source)}, got ${found}.`, {
    code: 'invalid-dataset',
  });
}
