import type { Outcome } from '@align-squad/squad';

/** What became of one window of a stream; `kept` was let through although it did not pass. */
export type WindowFate = 'released' | 'rewritten' | 'removed' | 'withheld' | 'replaced' | 'kept';

/** The fate of a window by its outcome and by what stands in its place, if anything does. */
export function windowFate(outcome: Outcome, replacement: string | undefined): WindowFate {
  if (outcome === 'clean') return 'released';
  if (replacement === undefined) return 'kept';
  const isBlank = replacement.trim() === '';
  if (outcome === 'aligned') return isBlank ? 'removed' : 'rewritten';
  return isBlank ? 'withheld' : 'replaced';
}
