import { AlignSquadError, type SpanScore, type UnknownReason, type Verdict } from '@align-squad/core';

/** What a backend says of an exchange under one criterion. */
export interface Judgement {
  /** P(misaligned), in [0, 1]. */
  readonly misalignment: number;
  readonly spans?: readonly SpanScore[] | undefined;
}

/** The verdict on what was not judged: never a pass. */
export function unknownVerdict(threshold: number, reason: UnknownReason): Verdict {
  return { status: 'unknown', misalignment: 1, threshold, reason };
}

/**
 * The verdict of a judgement.
 * @throws AlignSquadError `inspector-failed` unless P(misaligned) is in [0, 1].
 */
export function verdictOf({ misalignment, spans }: Judgement, threshold: number): Verdict {
  if (!isProbability(misalignment)) {
    throw new AlignSquadError('The inspector got a score that is no probability in [0, 1].', { code: 'inspector-failed' });
  }
  return { status: misalignment >= threshold ? 'flag' : 'pass', misalignment, threshold, ...(spans && { spans }) };
}

/** Whether a value is a number in [0, 1]; NaN is not. */
export function isProbability(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}
