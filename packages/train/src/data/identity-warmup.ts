import type { Random } from '@align-squad/core';
import type { AlignerRecord } from './read-records.js';

/**
 * A share of the records as identities of their corrections, each record once at most, in random order: a first phase
 * that teaches to copy before the others teach to correct (PKU Aligner, Ji et al. 2024).
 */
export function identityWarmup(records: readonly AlignerRecord[], share: number, random: Random): AlignerRecord[] {
  const count = Math.min(records.length, Math.round(share * records.length));
  return random.shuffle([...records]).slice(0, count).map((record) => ({
    ...record,
    exchange: { ...record.exchange, response: record.correction },
    identity: true,
  }));
}
