import { AlignSquadError } from '@align-squad/core';

/** A metric's value, or null where the data doesn't allow one (`invalid-dataset`); other errors pass through. */
export function orNull<T>(metric: () => T): T | null {
  try {
    return metric();
  } catch (error) {
    if (AlignSquadError.isInstance(error) && error.code === 'invalid-dataset') return null;
    throw error;
  }
}

/** `part / whole`, or null when there is nothing to divide. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** The mean, or null without values. */
export function meanOf(values: readonly number[]): number | null {
  return shareOf(values.reduce((sum, value) => sum + value, 0), values.length);
}
