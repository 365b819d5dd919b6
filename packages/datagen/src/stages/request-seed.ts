import { createHash } from 'node:crypto';

/** A seed below 2^31 that depends on these parts alone, in whatever order requests are made. */
export function requestSeed(seed: number, ...parts: readonly (string | number)[]): number {
  return createHash('sha256').update(JSON.stringify([seed, ...parts])).digest().readUInt32LE() >>> 1;
}
