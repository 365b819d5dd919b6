import { AlignSquadError } from '../errors.js';

/** How a scripted call ends when it gives no reply. */
export type ScriptedFailure =
  /** Throws this value as it is. */
  | { readonly throws: unknown }
  /** Waits: `until-abort` rejects with the signal's reason, `forever` never settles, as a backend that is stuck. */
  | { readonly hang: 'until-abort' | 'forever' };

/** What every scripted double adds to its contract. */
export interface Scripted<Call> {
  /** The calls so far, in order, unexpected ones included. */
  readonly calls: readonly Call[];
  /** Throws `unexpected-call` when a call was not expected, or when an expected one did not come. */
  assertDone(): void;
}

/** Expected calls in order. */
export interface Script<Call, Step> extends Scripted<Call> {
  /** The step for this call. Throws `unexpected-call` when there is none, or when `mismatch` names what differs. */
  next(call: Call, mismatch: (step: Step) => string | undefined): Step;
}

/** A script of expected calls for the double called `name`; its messages count calls and name fields, never texts. */
export function createScript<Call, Step>(name: string, steps: readonly Step[]): Script<Call, Step> {
  const calls: Call[] = [];
  let firstFault: AlignSquadError | undefined;
  const fault = (message: string): AlignSquadError => {
    const error = new AlignSquadError(message, { code: 'unexpected-call' });
    firstFault ??= error;
    return error;
  };
  return {
    calls,
    next(call, mismatch) {
      const step = steps[calls.length];
      calls.push(call);
      if (step === undefined) throw fault(`${name}: got call ${calls.length}, but the script has ${steps.length}.`);
      const difference = mismatch(step);
      if (difference !== undefined) throw fault(`${name}: call ${calls.length} differs from the script in ${difference}.`);
      return step;
    },
    assertDone() {
      // The code under test may have swallowed it.
      if (firstFault !== undefined) throw firstFault;
      if (calls.length < steps.length) {
        throw new AlignSquadError(`${name}: expected ${steps.length} calls, got ${calls.length}.`, {
          code: 'unexpected-call',
        });
      }
    },
  };
}

/** Plays a failing step: always rejects, or never settles. */
export async function playFailure(step: ScriptedFailure, name: string, signal?: AbortSignal): Promise<never> {
  if ('throws' in step) throw step.throws;
  if (step.hang === 'forever') return new Promise<never>(() => undefined);
  if (signal === undefined) {
    throw new AlignSquadError(`${name}: a call that hangs until it is aborted needs a signal.`, {
      code: 'unexpected-call',
    });
  }
  return rejectOnAbort(signal);
}

async function rejectOnAbort(signal: AbortSignal): Promise<never> {
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
    });
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

/** Whether two plain values are equal, key by key; an undefined member equals a missing one. */
export function isSame(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSame(a[key], b[key]));
}
