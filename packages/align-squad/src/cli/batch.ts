import { AlignSquadError, toAlignSquadError, type Exchange } from '@align-squad/core';
import type { InputLine } from './lines.js';
import { parseRecord } from './record.js';

/** What a line of output holds besides its id; `error` marks it as failed. */
export type OutputBody = object & {
  readonly error?: { readonly code: string; readonly message: string } | undefined;
};

/** Options of `runBatch`. */
export interface BatchOptions {
  readonly lines: AsyncIterable<InputLine>;
  /** Turns one exchange into the body of its line of output. */
  readonly handle: (exchange: Exchange) => Promise<OutputBody>;
  /** Takes the value of one line of output. */
  readonly write: (value: object) => Promise<void>;
  /** Told of each failed line. */
  readonly onFailure: (lineNumber: number, error: { readonly code: string; readonly message: string }) => void;
  /** Told after each line of output. */
  readonly onDone?: ((totals: BatchTotals) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How many lines of output there were. */
export interface BatchTotals {
  readonly written: number;
  readonly failed: number;
}

/** Handles records one after the other, in input order: a failed one becomes an error line and the others still come. */
export async function runBatch(options: BatchOptions): Promise<BatchTotals> {
  let totals: BatchTotals = { written: 0, failed: 0 };
  for await (const line of options.lines) {
    options.signal?.throwIfAborted();
    if ('text' in line && line.text.trim() === '') continue;
    const value = await handleLine(line, options);
    await options.write(value);
    if (value.error !== undefined) options.onFailure(line.number, value.error);
    totals = { written: totals.written + 1, failed: totals.failed + (value.error === undefined ? 0 : 1) };
    options.onDone?.(totals);
  }
  options.signal?.throwIfAborted();
  return totals;
}

async function handleLine(line: InputLine, options: BatchOptions): Promise<{ id: string | number } & OutputBody> {
  if ('error' in line) return { id: line.number, error: describe(line.error) };
  const record = parseRecord(line.text, line.number);
  if ('error' in record) return { id: record.id, error: describe(record.error) };
  try {
    return { id: record.id, ...(await options.handle(record.exchange)) };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { id: record.id, error: describe(toAlignSquadError(error, 'The exchange could not be judged.', 'inspector-failed')) };
  }
}

function describe(error: AlignSquadError): { code: string; message: string } {
  return { code: error.code, message: error.message };
}
