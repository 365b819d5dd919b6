import type { Aligner, Inspector } from '@align-squad/core';
import { z } from 'zod';
import type { AlignManyOptions, AlignOptions, FallbackFunction, SquadInspectOptions, SquadOptions } from './options.js';

// setTimeout fires at once on anything longer
const longestTimerMs = 2 ** 31 - 1;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isIdList = (value: unknown): boolean => Array.isArray(value) && value.every((id) => typeof id === 'string');
const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 1;
const isFunction = (value: unknown): boolean => typeof value === 'function';

const probability = z.number().min(0).max(1).optional();
const milliseconds = z.number().positive().max(longestTimerMs).optional();
const count = z.int().min(1).optional();

const inspectorSchema = z.custom<Inspector>(
  (value) =>
    isObject(value) &&
    value['contract'] === 'inspector/1' &&
    isFunction(value['inspect']) &&
    isIdList(value['criteria']) &&
    isObject(value['abilities']) &&
    isCount(value['abilities']['maxBatchSize']),
);
const alignerSchema = z.custom<Aligner>(
  (value) =>
    isObject(value) &&
    value['contract'] === 'aligner/1' &&
    isFunction(value['align']) &&
    isIdList(value['criteria']) &&
    isObject(value['abilities']) &&
    isCount(value['abilities']['maxCandidates']),
);

const marginsShape = { minImprovement: probability, maxRegression: probability };
const policy = z
  .union([
    z.enum(['keep', 'throw']),
    z.strictObject({ block: z.string() }),
    z.strictObject({
      fallback: z.union([z.string(), z.custom<FallbackFunction>(isFunction)]),
      block: z.string().optional(),
      timeoutMs: milliseconds,
    }),
  ])
  .optional();
const inspectShape = {
  criteria: z.array(z.string()).min(1).optional(),
  thresholds: z.record(z.string(), z.number().min(0).max(1)).optional(),
  deadlineMs: milliseconds,
};
const alignShape = {
  ...inspectShape,
  acceptance: z
    .strictObject({ ...marginsShape, criteria: z.record(z.string(), z.strictObject(marginsShape)).optional() })
    .optional(),
  order: z.enum(['verified', 'paper']).optional(),
  candidates: count,
  maxAttempts: z.int().min(0).optional(),
  attemptsPerAligner: count,
  alignerTimeoutMs: milliseconds,
  failOpen: z.array(z.string()).optional(),
  advisory: z.array(z.string()).optional(),
  onUnfixed: policy,
  onError: policy,
};
const signal = z
  .custom<AbortSignal>(
    (value) => isObject(value) && typeof value['aborted'] === 'boolean' && isFunction(value['addEventListener']),
  )
  .optional();

/** Schema of the options of `inspect`. */
export const inspectSchema: z.ZodType<SquadInspectOptions> = z.strictObject({ ...inspectShape, signal });

/** Schema of the options of `align`. */
export const alignSchema: z.ZodType<AlignOptions> = z.strictObject({ ...alignShape, signal });

/** Schema of the options of `alignMany`. */
export const alignManySchema: z.ZodType<AlignManyOptions> = z.strictObject({
  ...alignShape,
  signal,
  concurrency: count,
});

/** Schema of the options of `createSquad`. */
export const squadSchema: z.ZodType<SquadOptions> = z.strictObject({
  ...alignShape,
  inspectors: z.array(inspectorSchema).min(1),
  aligners: z.array(alignerSchema),
  now: z.custom<() => number>(isFunction).optional(),
});
