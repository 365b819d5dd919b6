import { readFile } from 'node:fs/promises';
import { parseWith, withoutUndefined } from '@align-squad/core';
import { z } from 'zod';
import { parseJson, writeText } from './json-lines.js';
import type { StageSpending } from './stage-costs.js';

/** What the answers of a run cost that were kept. */
export interface RunSpending {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Money, by the prices of the settings; absent without them. */
  readonly cost?: number | undefined;
  /** What `cost` is counted in. */
  readonly currency?: string | undefined;
}

const spendingSchema: z.ZodType<RunSpending> = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cost: z.number().optional(),
  currency: z.string().optional(),
});

// A millionth of the currency; more digits are noise of the addition.
const digits = 6;

/** The sum of stages. */
export function sumSpending(stages: readonly StageSpending[], currency: string): RunSpending {
  const sum = (of: (stage: StageSpending) => number): number => stages.reduce((total, stage) => total + of(stage), 0);
  const isPriced = stages.some(({ cost }) => cost !== undefined);
  return {
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    ...(isPriced && { cost: Number(sum(({ cost = 0 }) => cost).toFixed(digits)), currency }),
  };
}

/** Notes in the folder of a run what it spent; the journal alone does not tell it, as answers do not name their model. */
export async function writeSpending(path: string, spending: RunSpending): Promise<void> {
  await writeText(path, `${JSON.stringify(withoutUndefined(spending))}\n`);
}

/** What was noted last; undefined when nothing was. */
export async function readSpending(path: string): Promise<RunSpending | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseWith(spendingSchema, parseJson(text), { what: 'spending.json of the run folder', code: 'invalid-options' });
}
