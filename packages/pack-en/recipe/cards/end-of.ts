import { AlignSquadError } from '@align-squad/core';
import type { Report } from '../report.js';

/** What an evaluation tells: how far it is, and its result at the end. */
export type EvaluationEvent<T> =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'end'; readonly evaluation: T };

/** Runs an evaluation to its end and reports every quarter of it. @throws AlignSquadError `inspector-failed` without an end. */
export async function endOf<T>(name: string, events: AsyncIterable<EvaluationEvent<T>>, report: Report): Promise<T> {
  let quarters = 0;
  for await (const event of events) {
    if (event.type === 'end') return event.evaluation;
    const reached = Math.floor((4 * event.done) / event.total);
    if (reached > quarters) report(`${name}: ${event.done} of ${event.total} texts`);
    quarters = Math.max(quarters, reached);
  }
  throw new AlignSquadError('The evaluation ended without a result.', { code: 'inspector-failed' });
}
