import type { AlignResult, TracingTracer } from '@align-squad/squad';
import type { Calls, Call } from './calls.js';
import type { Engine } from './engine.js';
import type { LoadShedder } from './load-shedding.js';
import type { Metrics } from './metrics.js';
import type { ResolvedServerOptions } from './options.js';
import type { Upstream } from './upstream.js';

/** What the routes of one server share. */
export interface ServerParts {
  readonly options: ResolvedServerOptions;
  readonly calls: Calls;
  readonly shedder: LoadShedder;
  readonly metrics: Metrics;
  readonly upstream: Upstream | undefined;
  /** The squad, once it is there. */
  readonly engine: Promise<Engine>;
  readonly state: ServerState;
}

/** What changes over the life of a server. */
export interface ServerState {
  /** The squad is there. */
  isReady: boolean;
  /** The server takes no more requests. */
  isStopping: boolean;
  /** Starts the spans of requests, where there is one. */
  tracer: TracingTracer | undefined;
}

/** What middleware puts into the context of a request. */
export interface ServerEnv {
  readonly Variables: { readonly call: Call };
}

/** Tells log, metrics and the caller of an answer that was aligned in a call. */
export function resultListener({ metrics, options }: ServerParts, call: Call): (result: AlignResult) => void {
  return (result) => {
    call.note.outcome = result.outcome;
    metrics.countResult(result);
    options.onResult?.(result);
  };
}
