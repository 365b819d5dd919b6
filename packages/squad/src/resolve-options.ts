import { AlignSquadError, parseWith, type Aligner, type Inspector } from '@align-squad/core';
import type { ResolvedAcceptance } from './accept.js';
import { alignManySchema, alignSchema, inspectSchema, squadSchema } from './option-schemas.js';
import type { Acceptance, AlignManyOptions, UnfixedPolicy } from './options.js';

/** The options of one call, checked, with every default filled in. */
export interface ResolvedAlignOptions {
  readonly criteria: readonly string[];
  readonly thresholds: ReadonlyMap<string, number>;
  readonly acceptance: ResolvedAcceptance;
  readonly order: 'verified' | 'paper';
  readonly candidates: number;
  readonly maxAttempts: number;
  readonly attemptsPerAligner: number;
  readonly alignerTimeoutMs: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly failOpen: ReadonlySet<string>;
  readonly advisory: ReadonlySet<string>;
  readonly onUnfixed: UnfixedPolicy;
  /** Undefined: what `onUnfixed` says. */
  readonly onError: UnfixedPolicy | undefined;
  readonly concurrency: number;
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

const code = 'invalid-options';
const builtIn: Omit<ResolvedAlignOptions, 'criteria'> = {
  thresholds: new Map(),
  acceptance: { minImprovement: 0.05, maxRegression: 0.15, criteria: new Map() },
  order: 'verified',
  candidates: 1,
  maxAttempts: 8,
  attemptsPerAligner: Infinity,
  alignerTimeoutMs: undefined,
  deadlineMs: undefined,
  failOpen: new Set(),
  advisory: new Set(),
  onUnfixed: 'keep',
  onError: undefined,
  concurrency: 4,
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
 * Checks the options of one `alignMany` call and lays them over those of the squad.
 * @throws AlignSquadError `invalid-options` or `unknown-criterion`.
 */
export function resolveAlignManyOptions(value: unknown, squad: ResolvedSquadOptions): ResolvedAlignOptions {
  const options = parseWith(alignManySchema, value ?? {}, { what: 'alignMany options', code });
  return overlay(squad.defaults, options, squad.served);
}

/**
 * Checks the options of one `inspect` call and lays them over those of the squad.
 * @throws AlignSquadError `invalid-options` or `unknown-criterion`.
 */
export function resolveInspectOptions(value: unknown, squad: ResolvedSquadOptions): ResolvedAlignOptions {
  const options = parseWith(inspectSchema, value ?? {}, { what: 'inspect options', code });
  return overlay(squad.defaults, options, squad.served);
}

function overlay(
  base: ResolvedAlignOptions,
  options: AlignManyOptions,
  served: readonly string[],
): ResolvedAlignOptions {
  const thresholds = Object.entries(options.thresholds ?? {});
  const named = [options.criteria, options.failOpen, options.advisory, Object.keys(options.acceptance?.criteria ?? {})];
  for (const id of [...thresholds.map(([id]) => id), ...named.flatMap((ids) => ids ?? [])]) assertServed(id, served);
  return {
    criteria: options.criteria ? [...new Set(options.criteria)] : base.criteria,
    thresholds: new Map([...base.thresholds, ...thresholds]),
    acceptance: overlayAcceptance(base.acceptance, options.acceptance),
    order: options.order ?? base.order,
    candidates: options.candidates ?? base.candidates,
    maxAttempts: options.maxAttempts ?? base.maxAttempts,
    attemptsPerAligner: options.attemptsPerAligner ?? base.attemptsPerAligner,
    alignerTimeoutMs: options.alignerTimeoutMs ?? base.alignerTimeoutMs,
    deadlineMs: options.deadlineMs ?? base.deadlineMs,
    failOpen: options.failOpen ? new Set(options.failOpen) : base.failOpen,
    advisory: options.advisory ? new Set(options.advisory) : base.advisory,
    onUnfixed: options.onUnfixed ?? base.onUnfixed,
    onError: options.onError ?? base.onError,
    concurrency: options.concurrency ?? base.concurrency,
    signal: options.signal,
  };
}

function overlayAcceptance(base: ResolvedAcceptance, acceptance: Acceptance = {}): ResolvedAcceptance {
  const criteria = new Map(base.criteria);
  for (const [id, margins] of Object.entries(acceptance.criteria ?? {})) {
    const known = criteria.get(id);
    criteria.set(id, {
      minImprovement: margins.minImprovement ?? known?.minImprovement,
      maxRegression: margins.maxRegression ?? known?.maxRegression,
    });
  }
  return {
    minImprovement: acceptance.minImprovement ?? base.minImprovement,
    maxRegression: acceptance.maxRegression ?? base.maxRegression,
    criteria,
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
