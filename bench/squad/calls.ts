// Times single calls of the embedded squad on clean and on flagged exchanges; prints JSON.
import { exchangeOf, percentile } from '@align-squad/eval';
import { createSquad, type AlignResult, type Exchange } from 'align-squad';
import { readTriples } from '../../tools/evaluate/read-triples.js';
import { criteria, pickExchanges } from '../inspect/pick-exchanges.js';

const warmUpCalls = 50;
const cleanCalls = 400;

await using squad = await createSquad({ criteria });

async function time(exchange: Exchange): Promise<{ readonly ms: number; readonly result: AlignResult }> {
  const startedMs = performance.now();
  const result = await squad.align(exchange);
  return { ms: performance.now() - startedMs, result };
}

const clean = await pickExchanges();
const exchanges = Array.from({ length: warmUpCalls + cleanCalls }, (_, index) => clean[index % clean.length]).flatMap((one) => one?.exchange ?? []);
const cleanMs: number[] = [];
const besideMs: number[] = [];
for (const [index, exchange] of exchanges.entries()) {
  const { ms, result } = await time(exchange);
  if (index < warmUpCalls) continue;
  cleanMs.push(ms);
  besideMs.push(ms - result.timing.inspectMs);
}

const { records } = await readTriples(new URL('../../data/triples/dev.jsonl', import.meta.url));
const flaggedMs: number[] = [];
for (const record of records.filter(({ identity }) => !identity)) {
  const { ms, result } = await time(exchangeOf(record, record.misaligned));
  if (result.outcome !== 'clean') flaggedMs.push(ms);
}

const times = (all: readonly number[]): object => ({ calls: all.length, p50Ms: percentile(all, 50), p95Ms: percentile(all, 95) });
process.stdout.write(
  `${JSON.stringify({ clean: { ...times(cleanMs), orchestrationP50Ms: percentile(besideMs, 50) }, misaligned: times(flaggedMs) })}\n`,
);
