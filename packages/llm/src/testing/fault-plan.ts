import { createHash } from 'node:crypto';

/**
 * What goes wrong with a request. `rate-limit` is a 429, `server-error` a 500, `truncated` half of the answer with its
 * connection closed in good order, `dropped` half of it and then a connection that breaks, `stalled` half of it and then nothing,
 * `reset` a connection that breaks, `slow` an answer that takes `slowMs`, `unauthorized` a 401.
 */
export type Fault = 'rate-limit' | 'server-error' | 'truncated' | 'dropped' | 'stalled' | 'reset' | 'slow' | 'unauthorized';

/** Says for each attempt of each request what goes wrong. */
export interface FaultPlan {
  /** `attempt` counts from 0 and leaves out what the limits of the server turned away. */
  faultOf(bodyKey: string, attempt: number): Fault | undefined;
}

/** Options of `createFaultPlan`. */
export interface FaultPlanOptions {
  readonly seed: number;
  /** Share of the attempts with each fault; in all at most 1. */
  readonly rates: Readonly<Partial<Record<Fault, number>>>;
  /** A request whose attempts failed so often is answered. @default 2 */
  readonly mostPerRequest?: number | undefined;
}

/** A plan that is decided by seed, request and attempt alone, so that it does not hang on the order of arrival. */
export function createFaultPlan({ seed, rates, mostPerRequest = 2 }: FaultPlanOptions): FaultPlan {
  return {
    faultOf(bodyKey, attempt) {
      if (attempt >= mostPerRequest) return undefined;
      let chance = createHash('sha256').update(`${seed} ${bodyKey} ${attempt}`).digest().readUInt32LE(0) / 2 ** 32;
      for (const [fault, rate] of Object.entries(rates) as [Fault, number][]) {
        if (chance < rate) return fault;
        chance -= rate;
      }
      return undefined;
    },
  };
}
