import { parseWith, type Aligner, type AlignEvent, type GenerateEvent, type Inspector, type TextGenerator } from '@align-squad/core';
import { z } from 'zod';
import { withCallScope, type CallScopeOptions } from '../call-scope.js';
import { streamInScope } from './stream-in-scope.js';
import { notABackend, wrapBackend } from './wrap-backend.js';

/** Options of `withDeadline`. */
export interface DeadlineOptions {
  /** Milliseconds that a call may take, to the end of its stream where it has one, in [1, 2^31 - 1]. */
  readonly timeoutMs: number;
}

// setTimeout fires at once on anything longer
const optionsSchema: z.ZodType<DeadlineOptions> = z.strictObject({ timeoutMs: z.number().min(1).max(2 ** 31 - 1) });

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A backend whose calls are limited in time: one that is late rejects with `deadline-exceeded` at once, its signal is
 * aborted, and what it does later is ignored. The caller's abort comes through untouched.
 * @throws AlignSquadError `invalid-options`.
 */
export function withDeadline<T extends Inspector | Aligner | TextGenerator>(backend: T, options: DeadlineOptions): T {
  const { timeoutMs } = parseWith(optionsSchema, options, { what: 'deadline options', code: 'invalid-options' });
  const scopeOf = ({ signal }: Signalled): CallScopeOptions => ({ signal, deadlineMs: timeoutMs, now: () => performance.now() });
  const known: Inspector | Aligner | TextGenerator = backend;
  switch (known.contract) {
    case 'inspector/1':
      return wrapBackend(backend, {
        inspect: ((exchanges, call = {}) =>
          withCallScope(scopeOf(call), (scope) =>
            scope.race((signal) => known.inspect(exchanges, { ...call, signal })),
          )) satisfies Inspector['inspect'],
      });
    case 'aligner/1':
      return wrapBackend(backend, {
        align: ((request, call = {}) =>
          streamInScope<AlignEvent>(scopeOf(call), (signal) => known.align(request, { ...call, signal }))) satisfies Aligner['align'],
      });
    case 'text-generator/1':
      return wrapBackend(backend, {
        generate: ((request, call = {}) =>
          streamInScope<GenerateEvent>(scopeOf(call), (signal) =>
            known.generate(request, { ...call, signal }),
          )) satisfies TextGenerator['generate'],
      });
    default:
      throw notABackend('an inspector, an aligner or a text generator');
  }
}
