import { AlignSquadError, parseWith, splitSentences } from '@align-squad/core';
import type { z } from 'zod';
import type { LabelledExchange } from '../inspector/labelled-exchange.js';
import type { JsonLine } from './json-lines.js';
import { originOf, type RecordOrigin } from './record-origin.js';
import { cleanCriterion, hasField, isIdentity, labelledSchema, singleLabelSchema, tripleSchema, type Labels, type TripleLine } from './record-schemas.js';

/** A labelled response to train an inspector on. */
export interface InspectorRecord extends LabelledExchange, RecordOrigin {
  /** Two records that share it lie side by side in a batch; the misaligned one is ranked over the aligned one. */
  readonly pair?: string | number | undefined;
}

/** A criterion that records may be labelled for. */
export interface LabelledCriterion {
  readonly id: string;
  /** A text that is aligned for every criterion is labelled for this one only where it has a context. @default false */
  readonly needsContext?: boolean | undefined;
}

/** How the lines of a dataset are labelled. */
export interface LabelOptions {
  /** The criteria that are trained. */
  readonly criteria: readonly LabelledCriterion[];
  /** What becomes of labels of other criteria. @default 'error' */
  readonly otherCriteria?: 'error' | 'ignore' | undefined;
}

/** What a line gives: the value that was checked, and its records; none where it has labels of other criteria only. */
export interface LabelledLineRecords {
  readonly checked: object;
  readonly records: readonly InspectorRecord[];
}

/** Sentences of a text that is misaligned as a whole say little about which of them is faulty. */
const uncertainWeight = 0.3;

/**
 * The records of one line, which holds `labels`, or `label` where one criterion is trained, or a triple.
 * @throws AlignSquadError `invalid-dataset`, naming the line and its faulty fields.
 */
export function inspectorRecordsOf(line: JsonLine, options: LabelOptions): LabelledLineRecords {
  const { value } = line;
  if (hasField(value, 'misaligned') || hasField(value, 'aligned')) return fromTriple(line, options);
  return hasField(value, 'label') ? fromSingleLabel(line, options) : fromLabels(line, options);
}

function fromLabels(line: JsonLine, options: LabelOptions): LabelledLineRecords {
  const checked = parseLine(labelledSchema, line);
  const { sentences, pair, weight = 1 } = checked;
  const trained = (given: Labels): Labels => trainedLabels(given, line, options);
  const labels = trained(checked.labels);
  const origin = originOf(line, checked);
  if (sentences !== undefined) requireSentences(sentences.labels.length, origin.exchange.response, line);
  const record: InspectorRecord = {
    ...origin,
    labels,
    weight,
    ...(sentences === undefined ? {} : { sentences: { ...sentences, labels: sentences.labels.map((given) => given && trained(given)) } }),
    // Triples are paired by numbers.
    ...(pair === undefined ? {} : { pair: String(pair) }),
  };
  return { checked, records: Object.keys(labels).length === 0 ? [] : [record] };
}

function fromSingleLabel(line: JsonLine, { criteria }: LabelOptions): LabelledLineRecords {
  const [only, ...more] = criteria;
  if (only === undefined || more.length > 0) throw invalid(`Expected ${line.place} to have \`labels\` by criterion instead of \`label\`, as several criteria are trained.`);
  const checked = parseLine(singleLabelSchema, line);
  const { label, weight = 1 } = checked;
  return { checked, records: [{ ...originOf(line, checked), labels: { [only.id]: label }, weight }] };
}

/** The misaligned text is labelled for its own criterion, and so is the aligned one; sentences that the latter keeps are fine. */
function fromTriple(line: JsonLine, options: LabelOptions): LabelledLineRecords {
  const checked = parseLine(tripleSchema, line);
  const { misaligned, aligned, weight = 1 } = checked;
  const labelled = labelledBy(checked, line, options);
  if (labelled.length === 0) return { checked, records: [] };
  const label = (value: 0 | 1): Labels => Object.fromEntries(labelled.map(({ id }) => [id, value]));
  const isPair = !isIdentity(checked);
  const record = (response: string, value: 0 | 1, faults: readonly (0 | 1)[]): InspectorRecord => ({
    ...originOf(line, { ...checked, response }),
    labels: label(value),
    weight,
    sentences: { labels: faults.map(label), weight: value === 0 || faults.length === 1 || faults.includes(0) ? 1 : uncertainWeight },
    ...(isPair ? { pair: line.line } : {}),
  });
  const kept = sentencesOf(aligned);
  const sound = record(aligned, 0, kept.map(() => 0));
  if (!isPair) return { checked, records: [sound] };
  return { checked, records: [record(misaligned, 1, sentencesOf(misaligned).map((sentence) => (kept.includes(sentence) ? 0 : 1))), sound] };
}

/** The criteria that a triple is labelled for. */
function labelledBy(triple: TripleLine, line: JsonLine, { criteria, otherCriteria }: LabelOptions): readonly LabelledCriterion[] {
  const { criterion } = triple;
  if (criterion === cleanCriterion) return criteria.filter(({ needsContext }) => needsContext !== true || (triple.context ?? '').trim() !== '');
  if (criterion === undefined) {
    if (criteria.length > 1) throw invalid(`Expected ${line.place} to have a \`criterion\`, as several are trained.`);
    return criteria;
  }
  const own = criteria.filter(({ id }) => id === criterion);
  if (own.length === 0 && otherCriteria !== 'ignore') throw unknownCriterion('criterion', line, criteria);
  return own;
}

function trainedLabels(labels: Labels, line: JsonLine, { criteria, otherCriteria }: LabelOptions): Labels {
  const own = Object.entries(labels).filter(([id]) => criteria.some((criterion) => criterion.id === id));
  if (own.length < Object.keys(labels).length && otherCriteria !== 'ignore') throw unknownCriterion('labels', line, criteria);
  return Object.fromEntries(own);
}

function sentencesOf(text: string): string[] {
  return splitSentences(text).map(({ start, end }) => text.slice(start, end).trim()).filter((sentence) => sentence !== '');
}

function requireSentences(labels: number, response: string, { place }: JsonLine): void {
  const sentences = sentencesOf(response).length;
  if (labels === sentences) return;
  throw invalid(`Expected \`sentences.labels\` of ${place} to have an entry for each of the ${sentences} sentences of the response, got ${labels}.`);
}

function parseLine<T>(schema: z.ZodType<T>, { value, place }: JsonLine): T {
  return parseWith(schema, value, { what: `${place} to be a labelled response or a triple`, code: 'invalid-dataset' });
}

function unknownCriterion(field: string, { place }: JsonLine, criteria: readonly LabelledCriterion[]): AlignSquadError {
  return invalid(`Expected \`${field}\` of ${place} to name criteria that are trained: ${criteria.map(({ id }) => id).join(', ')}.`);
}

function invalid(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-dataset' });
}
