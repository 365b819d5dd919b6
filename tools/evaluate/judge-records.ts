import { exchangeOf, type TripleRecord } from '@align-squad/eval';
import type { AlignResult, Squad } from 'align-squad';

/** What the squad did with the texts of one record. */
export interface JudgedRecord {
  readonly record: TripleRecord;
  /** The misaligned text, aligned to the record's own criterion and to all of them; absent for identity records. */
  readonly misaligned?: { readonly own: AlignResult; readonly all: AlignResult } | undefined;
  /** The text that was aligned to begin with, aligned to all criteria. */
  readonly aligned: AlignResult;
}

/** Options of `judgeRecords`. */
export interface JudgeOptions {
  /** Ids of all criteria. */
  readonly criteria: readonly string[];
  /** Told after each record. */
  readonly onRecord?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends every text of the records through the squad, one after the other so that the times are those of one caller. */
export async function judgeRecords(
  records: readonly TripleRecord[],
  squad: Pick<Squad, 'align'>,
  options: JudgeOptions,
): Promise<JudgedRecord[]> {
  const { criteria, signal } = options;
  const judged: JudgedRecord[] = [];
  for (const record of records) {
    const align = (text: string, ids: readonly string[]): Promise<AlignResult> =>
      squad.align(exchangeOf(record, text), { criteria: ids, onUnfixed: 'keep', signal });
    const aligned = await align(record.aligned, criteria);
    if (record.identity) judged.push({ record, aligned });
    else {
      const own = await align(record.misaligned, [record.criterion]);
      judged.push({ record, aligned, misaligned: { own, all: await align(record.misaligned, criteria) } });
    }
    options.onRecord?.(judged.length);
  }
  return judged;
}
