import type { Aligner, AlignEvent, AlignRequest, Correction } from '@align-squad/core';
import { rewriteKey } from './cache-key.js';
import type { CacheStore } from './cache-store.js';
import { createSharedSignal, type SharedSignal } from './shared-signal.js';
import { streamInScope } from './stream-in-scope.js';

/** One stream of the aligner, read by all callers with an equal request, each at its own pace. */
interface Flight {
  readonly shared: SharedSignal;
  /** The event at a place, pulled when somebody needs it; undefined after the last. */
  at(index: number): Promise<AlignEvent | undefined>;
}

/** `align` that asks the aligner only for what is neither kept nor under way; a kept rewrite comes as one text. */
export function cacheRewrites(aligner: Aligner, store: CacheStore<Correction>): Aligner['align'] {
  const flights = new Map<string, Flight>();

  const start = (key: string, request: AlignRequest): Flight => {
    const flight = openFlight(aligner, request, {
      onOver: () => {
        if (flights.get(key) === flight) flights.delete(key);
      },
      onRewrite: (correction) => store.set(key, correction),
    });
    flights.set(key, flight);
    return flight;
  };

  return async function* align(request, { signal } = {}) {
    signal?.throwIfAborted();
    const key = rewriteKey(aligner.version, request);
    const kept = store.get(key);
    const current = flights.get(key);
    store.count(kept || current ? 'hit' : 'miss');
    if (kept) return yield* replay(kept, signal);
    const flight = current ?? start(key, request);
    flight.shared.join();
    try {
      const scope = { signal, deadlineMs: undefined, now: () => performance.now() };
      yield* streamInScope<AlignEvent>(scope, () => read(flight));
    } finally {
      flight.shared.leave(signal?.reason);
    }
  };
}

async function* replay(correction: Correction, signal: AbortSignal | undefined): AsyncGenerator<AlignEvent, void, undefined> {
  if (correction.outcome === 'rewritten' && correction.response !== '') {
    yield { type: 'text', text: correction.response };
    signal?.throwIfAborted();
  }
  yield { type: 'end', outcome: correction.outcome };
}

async function* read(flight: Flight): AsyncGenerator<AlignEvent, void, undefined> {
  for (let index = 0; ; index++) {
    const event = await flight.at(index);
    if (event === undefined) return;
    yield event;
  }
}

interface FlightHandlers {
  /** The stream has ended, failed, or was left by its last reader. */
  readonly onOver: () => void;
  readonly onRewrite: (correction: Correction) => void;
}

function openFlight(aligner: Aligner, request: AlignRequest, { onOver, onRewrite }: FlightHandlers): Flight {
  const events: AlignEvent[] = [];
  let iterator: AsyncIterator<AlignEvent> | undefined;
  let isOver = false;
  let pulling: Promise<void> | undefined;
  const close = (): void => {
    isOver = true;
    onOver();
    // Nobody waits for it: the rewrite is whole, or no longer wanted.
    Promise.resolve(iterator)
      .then((open) => open?.return?.())
      .catch(() => undefined);
  };
  const shared = createSharedSignal(close);
  const end = (): void => {
    shared.end();
    close();
  };
  const pull = async (): Promise<void> => {
    try {
      iterator ??= aligner.align(request, { signal: shared.signal })[Symbol.asyncIterator]();
      const next = await iterator.next();
      if (next.done === true) return end();
      events.push(next.value);
      if (next.value.type !== 'end') return;
      const correction = shared.signal.aborted ? undefined : wholeRewrite(events);
      if (correction) onRewrite(correction);
      end();
    } catch (error) {
      end();
      throw error;
    }
  };
  return {
    shared,
    async at(index) {
      while (events.length <= index && (!isOver || pulling)) {
        // A failed pull stays, so that every reader gets its error.
        pulling ??= pull().then(() => {
          pulling = undefined;
        });
        await pulling;
      }
      return events[index];
    },
  };
}

/** The rewrite of a stream up to its `end`; undefined for one that contradicts the contract. */
function wholeRewrite(events: readonly AlignEvent[]): Correction | undefined {
  const texts = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
  const end = events.at(-1);
  if (end?.type !== 'end' || texts.length !== events.length - 1) return undefined;
  if (end.outcome === 'none') return texts.length === 0 ? { outcome: 'none' } : undefined;
  const isText = texts.every((text: unknown) => typeof text === 'string');
  return end.outcome === 'rewritten' && isText ? { outcome: 'rewritten', response: texts.join('') } : undefined;
}
