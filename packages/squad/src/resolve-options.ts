import { AlignSquadError, parseWith, type Aligner, type Inspector } from '@align-squad/core';
import { z } from 'zod';
import type { AlignOptions, SquadInspectOptions, SquadOptions, UnfixedPolicy } from './options.js';

/** The options of one call, checked, with every default filled in. */
export interface ResolvedAlignOptions {
  readonly criteria: readonly string[];
  readonly thresholds: ReadonlyMap<string, number>;
  readonly acceptance: { readonly minImprovement: number; readonly maxRegression: number };
  readonly order: 'verified' | 'paper';
  readonly maxAttempts: number;
  readonly deadlineMs: number | undefined;
  readonly onUnfixed: UnfixedPolicy;
  readonly signal: AbortSignal | undefined;
}

/** Checked options of `createSquad`. */
export interface ResolvedSquadOptions {
  readonly inspectors: readonly Inspector[];
  readonly aligners: readonly Aligner[];
  readonly now: () => number;
  /** Every criterion that an inspector serves, in order. */
  readonly served: readonly string[];
  /** What holds where a call says nothing. */
  readonly defaults: ResolvedAlignOptions;
}

// setTimeout fires at once on anything longer
const longestTimerMs = 2 ** 31 - 1;

const probability = z.number().min(0).max(1);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isIdList = (value: unknown): boolean => Array.isArray(value) && value.every((id) => typeof id === 'string');
const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 1;

const inspectorSchema = z.custom<Inspector>(
  (value) =>
    isObject(value) &&
    value['contract'] === 'inspector/1' &&
    typeof value['inspect'] === 'function' &&
    isIdList(value['criteria']) &&
    isObject(value['abilities']) &&
    isCount(value['abilities']['maxBatchSize']),
);
const alignerSchema = z.custom<Aligner>(
  (value) =>
    isObject(value) &&
    value['contract'] === 'aligner/1' &&
    typeof value['align'] === 'function' &&
    isIdList(value['criteria']) &&
    isObject(value['abilities']) &&
    isCount(value['abilities']['maxCandidates']),
);

const inspectShape = {
  criteria: z.array(z.string()).min(1).optional(),
  thresholds: z.record(z.string(), probability).optional(),
  deadlineMs: z.number().positive().max(longestTimerMs).optional(),
};
const alignShape = {
  ...inspectShape,
  acceptance: z
    .strictObject({ minImprovement: probability.optional(), maxRegression: probability.optional() })
    .optional(),
  order: z.enum(['verified', 'paper']).optional(),
  maxAttempts: z.int().min(0).optional(),
  onUnfixed: z.union([z.enum(['keep', 'throw']), z.strictObject({ block: z.string() })]).optional(),
};
const signal = z
  .custom<AbortSignal>(
    (value) =>
      isObject(value) && typeof value['aborted'] === 'boolean' && typeof value['addEventListener'] === 'function',
  )
  .optional();

const inspectSchema: z.ZodType<SquadInspectOptions> = z.strictObject({ ...inspectShape, signal });
const alignSchema: z.ZodType<AlignOptions> = z.strictObject({ ...alignShape, signal });
const squadSchema: z.ZodType<SquadOptions> = z.strictObject({
  ...alignShape,
  inspectors: z.array(inspectorSchema).min(1),
  aligners: z.array(alignerSchema),
  now: z.custom<() => number>((value) => typeof value === 'function').optional(),
});

const code = 'invalid-options';
const builtIn: Omit<ResolvedAlignOptions, 'criteria'> = {
  thresholds: new Map(),
  acceptance: { minImprovement: 0.05, maxRegression: 0.15 },
  order: 'verified',
  maxAttempts: 8,
  deadlineMs: undefined,
  onUnfixed: 'keep',
  signal: undefined,
};

/**
 * Checks the options of `createSquad`.
 * @throws AlignSquadError `invalid-options`, or `unknown-criterion` for an id that no inspector serves.
 */
export function resolveSquadOptions(value: unknown): ResolvedSquadOptions {
  const options = parseWith(squadSchema, value, { what: 'squad options', code });
  const served = [...new Set(options.inspectors.flatMap((inspector) => inspector.criteria))];
  if (served.length === 0) throw new AlignSquadError('Expected `inspectors` to serve a criterion, got none.', { code });
  return {
    inspectors: options.inspectors,
    aligners: options.aligners,
    now: options.now ?? (() => performance.now()),
    served,
    defaults: overlay({ ...builtIn, criteria: served }, options, served),
  };
}

/**
 * Checks the options of one `align` call and lays them over those of the squad.
 * @throws AlignSquadError `invalid-options` or `unknown-criterion`.
 */
export function resolveAlignOptions(value: unknown, squad: ResolvedSquadOptions): ResolvedAlignOptions {
  return overlay(squad.defaults, parseWith(alignSchema, value ?? {}, { what: 'align options', code }), squad.served);
}

/**
 * Checks the options of one `inspect` call and lays them over those of the squad.
 * @throws AlignSquadError `invalid-options` or `unknown-criterion`.
 */
export function resolveInspectOptions(value: unknown, squad: ResolvedSquadOptions): ResolvedAlignOptions {
  return overlay(
    squad.defaults,
    parseWith(inspectSchema, value ?? {}, { what: 'inspect options', code }),
    squad.served,
  );
}

function overlay(base: ResolvedAlignOptions, options: AlignOptions, served: readonly string[]): ResolvedAlignOptions {
  const thresholds = Object.entries(options.thresholds ?? {});
  for (const id of [...(options.criteria ?? []), ...thresholds.map(([id]) => id)]) assertServed(id, served);
  return {
    criteria: options.criteria ? [...new Set(options.criteria)] : base.criteria,
    thresholds: new Map([...base.thresholds, ...thresholds]),
    acceptance: {
      minImprovement: options.acceptance?.minImprovement ?? base.acceptance.minImprovement,
      maxRegression: options.acceptance?.maxRegression ?? base.acceptance.maxRegression,
    },
    order: options.order ?? base.order,
    maxAttempts: options.maxAttempts ?? base.maxAttempts,
    deadlineMs: options.deadlineMs ?? base.deadlineMs,
    onUnfixed: options.onUnfixed ?? base.onUnfixed,
    signal: options.signal,
  };
}

function assertServed(id: string, served: readonly string[]): void {
  if (served.includes(id)) return;
  // anything else could be text of a user that went astray
  const name = /^[a-z][a-z0-9-]{0,63}$/.test(id) ? `\`${id}\`` : `an id of ${id.length} characters`;
  throw new AlignSquadError(
    `Expected criteria that the squad's inspectors serve (${served.join(', ')}), got ${name}.`,
    {
      code: 'unknown-criterion',
    },
  );
}
