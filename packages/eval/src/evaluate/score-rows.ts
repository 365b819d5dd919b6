import { AlignSquadError, promptText, type Inspection, type Inspector } from '@align-squad/core';
import { labelOf, type EvaluationRow } from '../data/evaluation-rows.js';
import type { ScoredRow } from './summarise-scores.js';

/** What is asked of an inspector; a squad can be asked too: `{ version, abilities, criteria: squad.criteria, inspect: squad.inspectMany }`. */
export type EvaluatedInspector = Pick<Inspector, 'version' | 'criteria' | 'abilities' | 'inspect'>;

/** Options of `scoreRows`. */
export interface ScoreRowsOptions {
  /** Ids of the criteria to measure. @default all that the inspector serves and the rows have a label of */
  readonly criteria?: readonly string[] | undefined;
  /** Most exchanges one call of the inspector gets, an integer from 1. @default 32, or what the inspector takes */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A labelled row under one criterion with what the inspector said of it. */
export interface ScoredEvaluationRow extends ScoredRow {
  readonly row: EvaluationRow;
}

/** How far the inspector is; the last event is `end`. */
export type ScoreRowsEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | {
      readonly type: 'end';
      /** Rows that are labelled for one of the criteria. */
      readonly rows: number;
      /** By criterion. */
      readonly scored: Readonly<Record<string, readonly ScoredEvaluationRow[]>>;
    };

interface JudgedRow {
  readonly row: EvaluationRow;
  readonly inspection: Inspection;
}

/**
 * Has labelled rows judged, each under the criteria that it is labelled for. What the inspector rejects with ends it.
 * @throws AlignSquadError `unknown-criterion`, `invalid-dataset` when no row is labelled for a criterion; the signal's reason.
 */
export async function* scoreRows(
  inspector: EvaluatedInspector,
  rows: readonly EvaluationRow[],
  options: ScoreRowsOptions = {},
): AsyncGenerator<ScoreRowsEvent, void, undefined> {
  const { signal, batchSize = 32 } = options;
  const criteria = criteriaToMeasure(inspector.criteria, rows, options.criteria);
  const batches = planBatches(rows, criteria, Math.min(batchSize, inspector.abilities.maxBatchSize));
  const total = batches.reduce((sum, batch) => sum + batch.rows.length, 0);
  const judged: JudgedRow[] = [];
  yield { type: 'progress', done: 0, total };
  for (const batch of batches) {
    signal?.throwIfAborted();
    const inspections = await inspector.inspect(batch.rows.map(({ exchange }) => exchange), { criteria: batch.criteria, signal });
    batch.rows.forEach((row, index) => judged.push({ row, inspection: inspections[index] ?? {} }));
    yield { type: 'progress', done: judged.length, total };
  }
  yield { type: 'end', rows: total, scored: Object.fromEntries(criteria.map((criterion) => [criterion, scoredUnder(judged, criterion)])) };
}

/**
 * The criteria to measure: those that are wanted, or all that are served and labelled.
 * @throws AlignSquadError `unknown-criterion` for one that is not served, `invalid-dataset` when no row is labelled for one.
 */
export function criteriaToMeasure(served: readonly string[], rows: readonly EvaluationRow[], wanted?: readonly string[]): readonly string[] {
  if (wanted?.some((criterion) => !served.includes(criterion)) === true) {
    throw new AlignSquadError(`Expected criteria that are served (${served.join(', ')}).`, { code: 'unknown-criterion' });
  }
  const labelled = new Set(rows.flatMap(({ labels }) => Object.keys(labels)));
  const criteria = [...new Set(wanted ?? served.filter((criterion) => labelled.has(criterion)))];
  const missing = criteria.filter((criterion) => !labelled.has(criterion));
  if (criteria.length > 0 && missing.length === 0) return criteria;
  throw new AlignSquadError(`Expected records that are labelled for ${(missing.length > 0 ? missing : served).join(', ')}, got none.`, { code: 'invalid-dataset' });
}

interface RowBatch {
  readonly criteria: readonly string[];
  readonly rows: readonly EvaluationRow[];
}

/** Rows that share their labelled criteria go together, so that no criterion is judged in vain. */
function planBatches(rows: readonly EvaluationRow[], criteria: readonly string[], size: number): RowBatch[] {
  const groups = new Map<string, { criteria: readonly string[]; rows: EvaluationRow[] }>();
  for (const row of rows) {
    const labelled = criteria.filter((criterion) => labelOf(row, criterion) !== undefined);
    if (labelled.length === 0) continue;
    const key = JSON.stringify(labelled);
    const group = groups.get(key) ?? { criteria: labelled, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.rows.length / size) }, (_, batch) => ({
      criteria: group.criteria,
      rows: group.rows.slice(batch * size, (batch + 1) * size),
    })),
  );
}

function scoredUnder(judged: readonly JudgedRow[], criterion: string): ScoredEvaluationRow[] {
  return judged.flatMap(({ row, inspection }) => {
    const misaligned = labelOf(row, criterion);
    if (misaligned === undefined) return [];
    const verdict = inspection[criterion];
    if (verdict === undefined) throw new AlignSquadError(`The inspector gave no verdict on \`${criterion}\`.`, { code: 'inspector-failed' });
    return [{ row, group: groupOf(row), misaligned, verdict }];
  });
}

/** Rows of one prompt go together; without a prompt, those of one record. */
function groupOf({ id, exchange }: EvaluationRow): string {
  return promptText(exchange.prompt).trim() || `record ${id}`;
}
