import {
  layoutSource,
  layoutTarget,
  layoutWords,
  toEditTags,
  type AlignerTokenIds,
  type AlignerTokenizer,
} from '@align-squad/aligner';
import { AlignSquadError } from '@align-squad/core';
import type { AlignerRecord } from '../data/read-records.js';

/** How records become rows of a batch. */
export interface RowOptions {
  readonly tokenizer: AlignerTokenizer;
  readonly special: AlignerTokenIds;
  readonly maxTokens: number;
}

/** A record as token ids. */
export interface TextRow {
  readonly source: readonly number[];
  readonly target: readonly number[];
  readonly line: number;
  readonly weight: number;
}

/** A record as tagged words. */
export interface TagRow {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  readonly tags: readonly number[];
  readonly line: number;
  readonly weight: number;
}

/** Source and correction of each record; what does not fit is left out. */
export function textRows(records: readonly AlignerRecord[], { tokenizer, special, maxTokens }: RowOptions, targetOf: (record: AlignerRecord) => string): TextRow[] {
  return records.flatMap((record) => {
    const source = layoutSource(tokenizer, special, record.exchange, { maxTokens });
    const target = layoutTarget(tokenizer, special, targetOf(record), { maxTokens });
    const fits = source !== undefined && target !== undefined && source.length + target.length <= maxTokens;
    return fits ? [{ source, target, line: record.line, weight: record.weight }] : [];
  });
}

/** Words and edit tags of each record; what does not fit, and what no tags can say, is left out. */
export function tagRows(records: readonly AlignerRecord[], { tokenizer, special, maxTokens }: RowOptions, phrases: readonly string[]): TagRow[] {
  return records.flatMap(({ exchange, correction, line, weight }) => {
    const edits = toEditTags(exchange.response, correction, phrases);
    const laid = edits && layoutWords(tokenizer, special, { prompt: exchange.prompt, context: exchange.context, words: edits.words }, { maxTokens });
    return edits && laid ? [{ ...laid, tags: edits.tags, line, weight }] : [];
  });
}

/**
 * Refuses to train on nothing.
 * @throws AlignSquadError `invalid-dataset` when none of the records could be laid out.
 */
export function requireRows<T>(rows: readonly T[], records: number, use: string): readonly T[] {
  if (rows.length > 0) return rows;
  if (records === 0) throw new AlignSquadError(`There are no records to ${use}: all of them are identities.`, { code: 'invalid-dataset' });
  throw new AlignSquadError(
    `None of ${records} records to ${use} fits the model: they are longer than \`maxTokens\`, or no edit tags lead to their correction.`,
    { code: 'invalid-dataset' },
  );
}
