import type { Tensor } from '../session/tensor.js';
import { likeliestName, logitSumName, topIdsName, topLogitsName, topLogSumName } from './decoder-names.js';
import { largestOf, notNumbers } from './logits.js';
import type { TopTokens } from './top-tokens.js';

/** What is wanted of the rows of a pass beside the likeliest token. */
export interface RowsWanted {
  /** Whole rows of logits. */
  readonly logits: boolean;
  /** So many of the likeliest tokens, with the log of the sum of exponentials; 0 for none. */
  readonly top: number;
  /** Divides the logits of that sum. */
  readonly temperature: number;
}

/** What follows the last tokens of a pass. */
export interface DecoderRows {
  /** Rows that the graph gave, for the last tokens of the pass; at most those that were asked for. */
  readonly count: number;
  /**
   * The likeliest token after a row of a text.
   * @throws AlignSquadError `model-invalid` where a logit is not a number.
   */
  likeliest(text: number, row: number): number;
  /**
   * The likeliest tokens after a row of a text; undefined where the graph gave none.
   * @throws AlignSquadError `model-invalid` where a logit is not a number.
   */
  top(text: number, row: number): TopTokens | undefined;
  /**
   * A copy of the logits after a row of a text; undefined where they were not fetched.
   * @throws AlignSquadError `model-invalid` where the graph gave none that can be used.
   */
  logits(text: number, row: number): Float32Array | undefined;
}

/** What a pass was asked for. */
export interface RowsGiven {
  readonly rows: number;
  /** Of them at the end, those of tokens that stand for nothing. */
  readonly fillers: number;
  /** Likeliest tokens of each row. */
  readonly top: number;
}

/** Reads the outputs of a pass: of what the graph gives the last `rows`, without those of the `fillers` at the end. */
export function createDecoderRows(outputs: Readonly<Record<string, Tensor>>, { rows, fillers, top }: RowsGiven): DecoderRows {
  const { logits, [likeliestName]: likeliest, [logitSumName]: sums } = outputs;
  const given = (likeliest?.dims[1] ?? logits?.dims[1]) ?? 0;
  const first = Math.max(0, given - rows);
  const count = Math.max(0, given - first - fillers);
  const at = (text: number, row: number): number => text * given + first + row;
  const logitsAt = (text: number, row: number): Float32Array => {
    const size = logits?.dims.at(-1) ?? 0;
    const index = at(text, row);
    if (logits?.type !== 'float32' || size === 0 || logits.data.length < (index + 1) * size) throw notNumbers();
    return logits.data.subarray(index * size, (index + 1) * size);
  };
  return {
    count,
    likeliest(text, row) {
      if (likeliest === undefined) return largestOf(logitsAt(text, row));
      const sum = Number(sums?.data[at(text, row)] ?? Number.NaN);
      const id = likeliest.data[at(text, row)];
      if (Number.isNaN(sum) || id === undefined) throw notNumbers();
      return Number(id);
    },
    top: (text, row) => topAt(outputs, at(text, row), top),
    logits: (text, row) => (logits === undefined ? undefined : logitsAt(text, row).slice()),
  };
}

function topAt({ [topIdsName]: ids, [topLogitsName]: logits, [topLogSumName]: sums }: Readonly<Record<string, Tensor>>, index: number, wanted: number): TopTokens | undefined {
  if (ids === undefined || logits === undefined) return undefined;
  const size = ids.dims.at(-1) ?? 0;
  const part = <T>(data: ArrayLike<T>): T[] => Array.prototype.slice.call(data, index * size, (index + 1) * size) as T[]; // of the same items
  const logSum = Number(sums?.data[index] ?? Number.NaN);
  if (Number.isNaN(logSum)) throw notNumbers();
  return { ids: part<bigint | number>(ids.data).map(Number), logits: part<bigint | number>(logits.data).map(Number), logSum, isAll: size < wanted };
}
