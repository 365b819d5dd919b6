import { AlignSquadError } from '@align-squad/core';
import { percentile, type EvaluationRow } from '@align-squad/eval';
import type { Squad } from '@align-squad/squad';
import { loadavg } from 'node:os';
import type { CleanCalls } from './measurement.js';

const mostExchanges = 60;
const rounds = 5;

/**
 * Times calls on aligned texts that end `clean`, all criteria: a round to warm up, then rounds over all of them in turn, so that no
 * text comes twice in a row.
 * @throws AlignSquadError `invalid-dataset` when none ends `clean`.
 */
export async function measureCleanCalls(squad: Pick<Squad, 'align' | 'criteria'>, rows: readonly EvaluationRow[]): Promise<CleanCalls> {
  const [load = 0] = loadavg();
  const aligned = rows.filter(({ labels }) => !Object.values(labels).includes(true));
  const step = Math.max(1, Math.floor(aligned.length / mostExchanges));
  const clean: EvaluationRow[] = [];
  for (const row of aligned.filter((_, index) => index % step === 0).slice(0, mostExchanges)) {
    const { outcome } = await squad.align(row.exchange, { criteria: squad.criteria, onUnfixed: 'keep', onError: 'keep' });
    if (outcome === 'clean') clean.push(row);
  }
  if (clean.length === 0) throw new AlignSquadError('Expected aligned texts that end `clean`, got none.', { code: 'invalid-dataset' });
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { exchange } of clean) {
      const startedMs = performance.now();
      await squad.align(exchange, { criteria: squad.criteria });
      times.push(performance.now() - startedMs);
    }
  }
  return {
    exchanges: clean.length,
    calls: times.length,
    medianCharacters: percentile(clean.map(({ exchange }) => exchange.response.length), 50),
    p50Ms: percentile(times, 50),
    p95Ms: percentile(times, 95),
    loadAverage: load,
  };
}
