import type { DecoderRows, RowsWanted } from './decoder-rows.js';
import type { DecoderRun } from './decoder-run.js';

/** One pass, which is run again where more of its rows is wanted. */
export interface Pass {
  /** What follows its last tokens. */
  rows(wanted: RowsWanted): Promise<DecoderRows>;
  /** How often the decoder was run. */
  runs(): number;
}

/** Whole rows of logits. */
export const wholeRows: RowsWanted = { logits: true, top: 0, temperature: 1 };

/** A pass over these tokens, of which the last `count` rows are looked at. */
export function createPass(run: DecoderRun, ids: readonly (readonly number[])[], count: number): Pass {
  let rows: DecoderRows | undefined;
  let isWhole = false;
  let runs = 0;
  return {
    async rows(wanted) {
      if (rows && (isWhole || !wanted.logits)) return rows;
      rows = await run.forward(ids, count, wanted);
      isWhole = wanted.logits;
      runs += 1;
      return rows;
    },
    runs: () => runs,
  };
}
