import { AlignSquadError } from '@align-squad/core';
import { bindSquad, criterionIds, type AdapterOptions, type BoundSquad } from '@align-squad/embedded';
import { withTracing, type Squad, type TracingTracer } from '@align-squad/squad';
import type { ResolvedServerOptions } from './options.js';

/** The squad of a server, once it is there and the options are known to be fine. */
export interface Engine {
  readonly squad: Squad;
  readonly criteria: readonly string[];
  readonly tracer?: TracingTracer | undefined;
  /** Options of every call, with the squad. */
  readonly adapter: AdapterOptions & { readonly squad: Squad };
}

/**
 * Waits for the squad and checks the options that only a squad can check.
 * Rejects with `invalid-options`, `unknown-criterion`, `missing-dependency`, or what the promise of the squad rejects with.
 */
export async function prepareEngine(options: ResolvedServerOptions): Promise<Engine> {
  const given = await options.squad;
  if (typeof (given as Partial<Squad> | undefined)?.alignStream !== 'function') {
    throw new AlignSquadError('Expected `squad` to be a squad, as createSquad makes it.', { code: 'invalid-options' });
  }
  const tracer = options.tracer ?? (options.tracing ? await loadTracer() : undefined);
  const squad = tracer ? await withTracing(given, { tracer }) : given;
  const criteria = criterionIds(options.criteria, squad.criteria) ?? squad.criteria;
  const adapter = { ...options.adapter, squad };
  await checkOptions(bindSquad(criteria, { ...options.adapter, squad: given }));
  return { squad, criteria, tracer, adapter };
}

/** A stream whose source fails at once checks all options and asks no model. */
async function checkOptions(squad: BoundSquad): Promise<void> {
  const cause = new AlignSquadError('There is no answer.', { code: 'source-failed' });
  const source = new ReadableStream<string>({ start: (controller) => controller.error(cause) });
  const events = squad.alignStream(source, {});
  while ((await events.next()).done !== true);
}

async function loadTracer(): Promise<TracingTracer> {
  try {
    const { trace } = await import('@opentelemetry/api');
    return trace.getTracer('@align-squad/server');
  } catch (error) {
    throw new AlignSquadError('Could not load `@opentelemetry/api`, which `tracing` needs; install it with `npm install @opentelemetry/api`.', {
      code: 'missing-dependency',
      cause: error,
    });
  }
}
