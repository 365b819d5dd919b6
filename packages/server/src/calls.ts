import { randomUUID } from 'node:crypto';
import { AlignSquadError } from '@align-squad/core';
import type { Outcome } from '@align-squad/squad';
import { refuse } from './errors-to-response.js';

/** One request while it is answered, to the last byte of its body. */
export interface Call {
  /** Names the request in logs and headers, where the upstream does not. */
  readonly id: string;
  /** Aborts when the client goes away, the time is up or the server stops; the reason says which. */
  readonly signal: AbortSignal;
  /** What is known of it for the log. */
  readonly note: { outcome?: Outcome; error?: string };
  /** Runs `listener` when the call ends; at once, when it has. */
  onEnd(listener: () => void): void;
  /** Ends the call; only the first time counts. */
  end(): void;
}

/** The calls under way. */
export interface Calls {
  /** How many there are. */
  readonly size: number;
  /** Begins a call that must end within `timeoutMs`; the signal is that of its client. */
  begin(options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Call;
  /** Aborts all of them. */
  abortAll(reason: unknown): void;
}

/** Keeps track of calls, each with a signal of its own that leaves nothing behind. */
export function createCalls(): Calls {
  const open = new Map<Call, AbortController>();
  return {
    get size() {
      return open.size;
    },
    abortAll(reason) {
      for (const controller of open.values()) controller.abort(reason);
    },
    begin({ signal, timeoutMs }) {
      const controller = new AbortController();
      const listeners: (() => void)[] = [];
      const onGone = (): void => {
        controller.abort(refuse(499, 'The client went away.', { code: 'client_gone' }));
        // nobody may be left to read the body to its end
        call.end();
      };
      const timer = setTimeout(() => controller.abort(late(timeoutMs)), timeoutMs);
      const call: Call = {
        id: randomUUID(),
        signal: controller.signal,
        note: {},
        onEnd(listener) {
          if (open.has(call)) listeners.push(listener);
          else listener();
        },
        end() {
          if (!open.delete(call)) return;
          clearTimeout(timer);
          signal.removeEventListener('abort', onGone);
          for (const listener of listeners.splice(0)) listener();
        },
      };
      open.set(call, controller);
      signal.addEventListener('abort', onGone);
      if (signal.aborted) onGone();
      return call;
    },
  };
}

function late(timeoutMs: number): AlignSquadError {
  return new AlignSquadError(`The answer was not complete within ${timeoutMs} ms.`, { code: 'deadline-exceeded' });
}
