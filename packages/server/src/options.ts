import { parseWith, type Criterion, type Defined } from '@align-squad/core';
import type { AdapterOptions } from '@align-squad/embedded';
import type { Squad, TracingTracer } from '@align-squad/squad';
import { z } from 'zod';
import type { RequestLogger } from './request-log.js';

/** Options of `createServer`; those of the squad are as in `alignSquad`, and hold for every request. */
export interface ServerOptions extends Omit<AdapterOptions, 'squad'> {
  /** Who aligns; it stays yours to dispose of. While a promise of it is open, `/readyz` answers 503 and requests wait. */
  readonly squad: Squad | Promise<Squad>;
  /** What answers are held to. @default all that the squad serves */
  readonly criteria?: readonly (string | Criterion)[] | undefined;
  /** Base URL of an OpenAI-compatible API; one without a path gets `/v1`. @default none: only the routes of the server's own */
  readonly upstream?: string | undefined;
  /** Key for the upstream, in the place of that of the client. @default that of the client, unless `keys` are set */
  readonly upstreamKey?: string | undefined;
  /** Keys that clients must have one of, as bearer token; they never go upstream. @default none: everyone may ask */
  readonly keys?: readonly string[] | undefined;
  /** Most bytes of a request's body. @default 4194304 */
  readonly maxBodyBytes?: number | undefined;
  /** Milliseconds from the arrival of a request to the last byte of its answer, waits, upstream and alignment together. @default 300000 */
  readonly timeoutMs?: number | undefined;
  /** Most requests below `/v1` that are worked on at once. @default 64 */
  readonly maxConcurrent?: number | undefined;
  /** Most requests that wait for a place; more get a 503 with `retry-after`. @default 128 */
  readonly maxQueue?: number | undefined;
  /** Milliseconds that running answers may take to end after `close`, before they are broken off. @default 10000 */
  readonly shutdownMs?: number | undefined;
  /** Serve the playground at `/`. @default true */
  readonly playground?: boolean | undefined;
  /** Serve `/metrics`. @default true */
  readonly metrics?: boolean | undefined;
  /** Spans by OpenTelemetry, one a request with those of the squad below it; needs `@opentelemetry/api`. @default false */
  readonly tracing?: boolean | undefined;
  /** Starts those spans. @default with `tracing`, the tracer `@align-squad/server` of `@opentelemetry/api` */
  readonly tracer?: TracingTracer | undefined;
  /** Hears of each request after its last byte. @default none */
  readonly logger?: RequestLogger | undefined;
}

/** Names of the options that are the server's own. */
export type OwnKey = Exclude<keyof ServerOptions, keyof AdapterOptions>;
/** Names of the options that the squad checks. */
export type SharedKey = Exclude<keyof AdapterOptions, 'squad'>;

/** Checked options. */
export interface ResolvedServerOptions
  extends Pick<ServerOptions, 'criteria' | 'upstream' | 'upstreamKey' | 'keys' | 'tracer' | 'logger' | 'onResult'>,
    Defined<Required<Pick<ServerOptions, 'squad' | DefaultedKey>>> {
  /** What goes to the squad as it is. */
  readonly adapter: Omit<AdapterOptions, 'squad' | 'onResult'>;
}

// setTimeout fires at once on anything longer
const milliseconds = z.number().positive().max(2 ** 31 - 1);

type OptionalKey = 'upstream' | 'upstreamKey' | 'keys';
type DefaultedKey = 'maxBodyBytes' | 'timeoutMs' | 'maxConcurrent' | 'maxQueue' | 'shutdownMs' | 'playground' | 'metrics' | 'tracing';

/** Schemas of the options that can stand in a file too. */
export const plainSchemas: {
  readonly [Key in OptionalKey]: z.ZodType<ServerOptions[Key]>;
} & {
  readonly [Key in DefaultedKey]: z.ZodType<NonNullable<ServerOptions[Key]>, ServerOptions[Key]>;
} = {
  upstream: z.string().optional(),
  upstreamKey: z.string().min(1).optional(),
  keys: z.array(z.string().min(1)).min(1).optional(),
  maxBodyBytes: z.int().min(1).default(4 * 1024 * 1024),
  timeoutMs: milliseconds.default(300_000),
  maxConcurrent: z.int().min(1).default(64),
  maxQueue: z.int().min(0).default(128),
  shutdownMs: milliseconds.default(10_000),
  playground: z.boolean().default(true),
  metrics: z.boolean().default(true),
  tracing: z.boolean().default(false),
};

const unchecked = z.unknown().optional();

/** The options that the squad checks when it is there. */
export const sharedSchemas: Readonly<Record<Exclude<SharedKey, 'onResult'>, z.ZodType<unknown>>> = {
  acceptance: unchecked,
  advisory: unchecked,
  alignerTimeoutMs: unchecked,
  attemptsPerAligner: unchecked,
  candidates: unchecked,
  closing: unchecked,
  contextCharacters: unchecked,
  deadlineMs: unchecked,
  failOpen: unchecked,
  maxAttempts: unchecked,
  maxHoldCharacters: unchecked,
  maxHoldMs: unchecked,
  mode: unchecked,
  onError: unchecked,
  onUnfixed: unchecked,
  order: unchecked,
  thresholds: unchecked,
  wholeOnly: unchecked,
  withheldMessage: unchecked,
};

const isFunction = (value: unknown): boolean => typeof value === 'function';
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const ownSchema = z.strictObject({
  ...plainSchemas,
  ...sharedSchemas,
  squad: z.custom<ServerOptions['squad']>(isObject),
  criteria: z.array(z.unknown()).min(1).optional(),
  tracer: z.custom<TracingTracer>((value) => isObject(value) && 'startActiveSpan' in Object(value)).optional(),
  logger: z.custom<RequestLogger>(isFunction).optional(),
  onResult: z.custom<NonNullable<ServerOptions['onResult']>>(isFunction).optional(),
});

/** Checks the options of `createServer`. @throws AlignSquadError `invalid-options`, naming fields and never values. */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  const parsed = parseWith(ownSchema, options, { what: 'server options', code: 'invalid-options' });
  const adapter = Object.fromEntries(Object.entries(parsed).filter(([key, value]) => key in sharedSchemas && value !== undefined));
  // what the schemas leave unknown is checked by the squad, or by `criterionIds`
  return { ...parsed, criteria: options.criteria, adapter: adapter as AdapterOptions };
}
