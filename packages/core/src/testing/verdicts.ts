import { AlignSquadError } from '../errors.js';
import type { Verdict } from '../inspector.js';

/** The criteria that a double serves unless it is told otherwise. */
export const defaultCriteria: readonly string[] = ['ethical', 'factual', 'helpful'];

/** Throws `unknown-criterion` unless every asked criterion is served. */
export function assertServed(asked: readonly string[], served: readonly string[], version: string): void {
  if (asked.every((criterion) => served.includes(criterion))) return;
  throw new AlignSquadError(`${version}: asked for a criterion that it does not serve; it serves ${served.join(', ')}.`, {
    code: 'unknown-criterion',
  });
}

/** A verdict from P(misaligned), or the verdict itself. */
export function verdictOf(value: number | Verdict, threshold: number, version: string): Verdict {
  if (typeof value !== 'number') return value;
  if (!(value >= 0 && value <= 1)) {
    throw new AlignSquadError(`${version}: expected P(misaligned) to be in [0, 1], got ${value}.`, {
      code: 'inspector-failed',
    });
  }
  return { status: value >= threshold ? 'flag' : 'pass', misalignment: value, threshold };
}
