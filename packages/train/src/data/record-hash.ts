import { createHash } from 'node:crypto';

/** Hashes values by what they hold: the order of keys, and keys without a value, make no difference. */
export interface RecordHash {
  add(value: object): void;
  /** SHA-256 in lower-case hexadecimal digits; ends the hash. */
  digest(): string;
}

/** Starts a hash over values in order. */
export function createRecordHash(): RecordHash {
  const hash = createHash('sha256');
  return {
    add: (value) => hash.update(`${JSON.stringify(canonical(value))}\n`),
    digest: () => hash.digest('hex'),
  };
}

function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, canonical(field)]));
}
