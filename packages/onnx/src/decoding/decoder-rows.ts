import { float32, type Tensor } from '../session/tensor.js';
import { likeliestName, logitSumName } from './decoder-names.js';
import { likeliestToken, notNumbers } from './decoder-state.js';

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
   * A copy of the logits after a row of a text.
   * @throws AlignSquadError `model-invalid` where the graph gave none.
   */
  logits(text: number, row: number): Float32Array;
}

/** Reads the outputs of a pass: of what the graph gives the last `rows`, without those of the `fillers` at the end. */
export function createDecoderRows(outputs: Readonly<Record<string, Tensor>>, { rows, fillers }: { readonly rows: number; readonly fillers: number }): DecoderRows {
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
      if (likeliest === undefined) {
        const one = logitsAt(text, row);
        return likeliestToken(float32(one, [1, 1, one.length]));
      }
      const sum = Number(sums?.data[at(text, row)] ?? Number.NaN);
      const id = likeliest.data[at(text, row)];
      if (Number.isNaN(sum) || id === undefined) throw notNumbers();
      return Number(id);
    },
    logits: (text, row) => logitsAt(text, row).slice(),
  };
}
