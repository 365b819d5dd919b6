import { AlignSquadError, type Exchange, type Inspection, type Inspector, type Verdict } from '@align-squad/core';
import { raceSignal } from '../race-signal.js';
import { checkVerdict } from '../verdicts.js';
import { digestExchange, verdictKey } from './cache-key.js';
import type { CacheStore } from './cache-store.js';
import { createSharedSignal, type SharedSignal } from './shared-signal.js';

interface Question {
  readonly exchange: Exchange;
  readonly criterion: string;
  readonly key: string;
}

/** One call of the inspector, which the callers with equal questions share. */
interface Flight {
  readonly shared: SharedSignal;
  readonly verdicts: Promise<ReadonlyMap<string, Verdict>>;
}

/** `inspect` that asks the inspector only for what is neither kept nor under way, in one call. */
export function cacheInspections(inspector: Inspector, store: CacheStore<Verdict>): Inspector['inspect'] {
  const flights = new Map<string, Flight>();

  const start = (questions: readonly Question[]): Flight => {
    const forget = (): void => {
      for (const { key } of questions) if (flights.get(key) === flight) flights.delete(key);
    };
    const shared = createSharedSignal(forget);
    const flight: Flight = { shared, verdicts: ask(inspector, questions, shared.signal, store) };
    const finish = (): void => {
      shared.end();
      forget();
    };
    flight.verdicts.then(finish, finish);
    for (const { key } of questions) flights.set(key, flight);
    return flight;
  };

  return async (exchanges, { criteria = inspector.criteria, signal } = {}) => {
    signal?.throwIfAborted();
    const rows = exchanges.map((exchange) => questionsOn(exchange, criteria, inspector.version));
    const known = new Map<string, Verdict>();
    const joined = new Set<Flight>();
    const misses = new Map<string, Question>();
    for (const question of rows.flat()) {
      const { key } = question;
      const kept = store.get(key);
      const flight = flights.get(key);
      if (kept) known.set(key, kept);
      else if (flight) joined.add(flight);
      store.count(kept || flight || misses.has(key) ? 'hit' : 'miss');
      if (!kept && !flight && !misses.has(key)) misses.set(key, question);
    }
    if (misses.size > 0) joined.add(start([...misses.values()]));
    for (const [key, verdict] of await settle([...joined], signal)) known.set(key, verdict);
    return rows.map((row) => toInspection(row, known));
  };
}

function questionsOn(exchange: Exchange, criteria: readonly string[], version: string): Question[] {
  const digest = digestExchange(exchange);
  return criteria.map((criterion) => ({ exchange, criterion, key: verdictKey(version, criterion, digest) }));
}

async function ask(
  inspector: Inspector,
  questions: readonly Question[],
  signal: AbortSignal,
  store: CacheStore<Verdict>,
): Promise<ReadonlyMap<string, Verdict>> {
  const exchanges = [...new Set(questions.map(({ exchange }) => exchange))];
  const criteria = [...new Set(questions.map(({ criterion }) => criterion))];
  const inspections = await inspector.inspect(exchanges, { criteria, signal });
  if (!Array.isArray(inspections) || inspections.length !== exchanges.length) {
    throw new AlignSquadError('The inspector gave another number of inspections than it got exchanges.', {
      code: 'inspector-failed',
    });
  }
  const byExchange = new Map(exchanges.map((exchange, index) => [exchange, inspections[index] as Inspection | undefined]));
  const verdicts = new Map<string, Verdict>();
  for (const { exchange, criterion, key } of questions) {
    const inspection = byExchange.get(exchange);
    const verdict = inspection && Object.hasOwn(inspection, criterion) ? inspection[criterion] : undefined;
    if (verdict === undefined) continue;
    verdicts.set(key, verdict);
    if (!signal.aborted && isSound(inspection, criterion)) store.set(key, verdict);
  }
  return verdicts;
}

/** True for a verdict that may be kept: judged, and as the contract wants it. */
function isSound(inspection: Inspection | undefined, criterion: string): boolean {
  try {
    return checkVerdict(inspection, criterion).status !== 'unknown';
  } catch {
    return false;
  }
}

/** The verdicts of all the flights; a caller that is aborted leaves them to the others. */
async function settle(joined: readonly Flight[], signal: AbortSignal | undefined): Promise<[string, Verdict][]> {
  for (const { shared } of joined) shared.join();
  try {
    const all = (): Promise<ReadonlyMap<string, Verdict>[]> => Promise.all(joined.map(({ verdicts }) => verdicts));
    return (await (signal ? raceSignal(signal, all) : all())).flatMap((verdicts) => [...verdicts]);
  } finally {
    for (const { shared } of joined) shared.leave(signal?.reason);
  }
}

function toInspection(row: readonly Question[], known: ReadonlyMap<string, Verdict>): Inspection {
  return Object.fromEntries(
    row.flatMap(({ criterion, key }) => {
      const verdict = known.get(key);
      return verdict ? [[criterion, verdict] as const] : [];
    }),
  );
}
