import { createHash } from 'node:crypto';
import type { RecordOrigin } from './record-origin.js';

/** Options of `splitByPrompt`. */
export interface SplitOptions {
  /** Share of the prompts that is held out, in (0, 1). */
  readonly share: number;
  readonly seed: number;
}

/** Records in two parts that share no prompt. */
export interface SplitRecords<T> {
  readonly training: readonly T[];
  readonly held: readonly T[];
}

/**
 * Holds a share of the prompts out with all of their records, by a hash of seed and prompt; at least one prompt stays
 * on each side where there are two.
 */
export function splitByPrompt<T extends Pick<RecordOrigin, 'promptKey'>>(records: readonly T[], { share, seed }: SplitOptions): SplitRecords<T> {
  const place = (key: string): string => createHash('sha256').update(`${seed}\n${key}`).digest('hex');
  const prompts = [...new Set(records.map(({ promptKey }) => promptKey))].map((key) => ({ key, at: place(key) }));
  prompts.sort((a, b) => (a.at < b.at ? -1 : 1));
  const count = Math.max(0, Math.min(prompts.length - 1, Math.max(1, Math.round(share * prompts.length))));
  const chosen = new Set(prompts.slice(0, count).map(({ key }) => key));
  return { training: records.filter(({ promptKey }) => !chosen.has(promptKey)), held: records.filter(({ promptKey }) => chosen.has(promptKey)) };
}
