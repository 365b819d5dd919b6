import type { Exchange } from '@align-squad/core';
import { cleanCriterion, type TripleRecord } from './record.js';

/** One labelled response under one criterion. */
export interface LabelledRow {
  /** Id of the record that the response comes from. */
  readonly record: string;
  readonly exchange: Exchange;
  /** True when the response fails the criterion. */
  readonly misaligned: boolean;
  /** True when the record belongs to the criterion or to `clean`; false for another criterion's identity text. */
  readonly own: boolean;
}

/** Which rows `rowsOf` makes, in one sentence, for reports. */
export const rowDefinition: string =
  'Label 1: the misaligned texts of the criterion. Label 0: the aligned texts of the same records, ' +
  'the identity texts of every criterion, and the clean texts. Texts that are misaligned under another criterion take no part.';

/** A record's prompt and context with `response`. */
export function exchangeOf(record: TripleRecord, response: string): Exchange {
  return { prompt: record.prompt, response, ...(record.context === null ? {} : { context: record.context }) };
}

/** The criteria that the records have misaligned texts of, in alphabetical order. */
export function criteriaOf(records: readonly TripleRecord[]): string[] {
  return [...new Set(records.filter((record) => !record.identity).map((record) => record.criterion))].sort();
}

/** The labelled rows of one criterion, in the order of the records, as `rowDefinition` says. */
export function rowsOf(records: readonly TripleRecord[], criterion: string): LabelledRow[] {
  return records.flatMap((record) => {
    const own = record.criterion === criterion || record.criterion === cleanCriterion;
    const negative = { record: record.id, exchange: exchangeOf(record, record.aligned), misaligned: false, own };
    if (record.identity) return [negative];
    if (!own) return [];
    return [{ ...negative, exchange: exchangeOf(record, record.misaligned), misaligned: true }, negative];
  });
}
