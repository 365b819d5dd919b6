/** Rows of the records that fit, and which did not. */
export interface FittingRows<T> {
  readonly rows: readonly T[];
  readonly skipped: SkippedRecords;
}

/** Records that were left out. */
export interface SkippedRecords {
  readonly count: number;
  /** Line numbers of the first ten. */
  readonly lines: readonly number[];
}

/** Makes rows of records; those that give undefined are counted. */
export function rowsThatFit<R extends { readonly line: number }, T>(records: readonly R[], toRow: (record: R) => T | undefined): FittingRows<T> {
  const rows: T[] = [];
  const lines: number[] = [];
  let count = 0;
  for (const record of records) {
    const row = toRow(record);
    if (row !== undefined) rows.push(row);
    else if ((count += 1) <= 10) lines.push(record.line);
  }
  return { rows, skipped: { count, lines } };
}
