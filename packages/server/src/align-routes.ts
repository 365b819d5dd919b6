import { parseExchange, parseWith, raceAbort, withoutUndefined, type Exchange } from '@align-squad/core';
import { bindSquad, criterionIds } from '@align-squad/embedded';
import { reportResult, type AlignReport, type StreamEnd, type StreamEvent } from '@align-squad/squad';
import type { Handler } from 'hono';
import { z } from 'zod';
import type { Call } from './calls.js';
import type { Engine } from './engine.js';
import { resultListener, type ServerEnv, type ServerParts } from './parts.js';
import { readJson } from './read-json.js';
import { eventStream } from './server-events.js';

interface AlignBody {
  readonly exchange: Exchange;
  readonly criteria?: readonly string[] | undefined;
  readonly stream?: boolean | undefined;
  /** Laid over those of the server. */
  readonly thresholds?: Readonly<Record<string, number>> | undefined;
}

// what else is there must be an exchange
const callSchema: z.ZodType<Omit<AlignBody, 'exchange'>> = z.looseObject({
  criteria: z.array(z.string()).min(1).optional(),
  stream: z.boolean().optional(),
  thresholds: z.record(z.string(), z.number().min(0).max(1)).optional(),
});

/** `POST /v1/align`: aligns the answer of the body, in one piece or as events. */
export function alignRoute(parts: ServerParts): Handler<ServerEnv> {
  return async ({ req, var: { call } }) => {
    const { exchange, stream, criteria: asked, thresholds } = await readAlignBody(req.raw, parts, call);
    const { squad, criteria, adapter } = withThresholds(await raceAbort(parts.engine, call.signal), thresholds);
    const bound = bindSquad(criterionIds(asked, squad.criteria) ?? criteria, {
      ...adapter,
      // its events reach the client
      closing: adapter.closing ?? 'event',
      onResult: resultListener(parts, call),
    });
    const { signal } = call;
    if (stream === true) {
      const { response, ...rest } = exchange;
      return eventStream(withoutOriginal(bound.alignStream(once(response), { ...rest, signal })));
    }
    const result = await raceAbort(bound.align(exchange, { signal }), signal);
    const { response, steps, changes, inspections, originalInspections } = result;
    return Response.json({ response, report: reportResult(result), steps, changes, inspections, originalInspections });
  };
}

/** `POST /v1/inspect`: the verdicts on the answer of the body. */
export function inspectRoute(parts: ServerParts): Handler<ServerEnv> {
  return async ({ req, var: { call } }) => {
    const { exchange, criteria: asked, thresholds } = await readAlignBody(req.raw, parts, call);
    const engine = withThresholds(await raceAbort(parts.engine, call.signal), thresholds);
    const inspections = await inspectWith(engine, { exchange, criteria: criterionIds(asked, engine.squad.criteria), signal: call.signal });
    return Response.json({ inspections });
  };
}

/** Verdicts under the server's options. */
export async function inspectWith(
  { squad, criteria: configured, adapter: { thresholds, deadlineMs } }: Engine,
  { exchange, criteria = configured, signal }: Pick<AlignBody, 'exchange' | 'criteria'> & { readonly signal: AbortSignal },
): Promise<Awaited<ReturnType<Engine['squad']['inspect']>>> {
  return raceAbort(squad.inspect(exchange, withoutUndefined({ criteria, thresholds, deadlineMs, signal })), signal);
}

/** The engine with the thresholds of a request. @throws AlignSquadError `unknown-criterion`. */
function withThresholds(engine: Engine, thresholds: AlignBody['thresholds'] = {}): Engine {
  const named = Object.keys(thresholds);
  if (named.length === 0) return engine;
  criterionIds(named, engine.squad.criteria);
  return { ...engine, adapter: { ...engine.adapter, thresholds: { ...engine.adapter.thresholds, ...thresholds } } };
}

async function readAlignBody(request: Request, { options }: ServerParts, { signal }: Call): Promise<AlignBody> {
  const { value } = await readJson(request, { maxBytes: options.maxBodyBytes, signal });
  const { criteria, stream, thresholds } = parseWith(callSchema, value, { what: 'the body', code: 'invalid-exchange' });
  const { criteria: _criteria, stream: _stream, thresholds: _thresholds, ...exchange } = value;
  return { exchange: parseExchange(exchange), criteria, stream, thresholds };
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

/** An event of `/v1/align`. */
type ClientEvent = Exclude<StreamEvent, StreamEnd> | { readonly type: 'end'; readonly response: string; readonly report: AlignReport };

/** The events, with a report in the place of the result. */
async function* withoutOriginal(events: AsyncGenerator<StreamEvent, void, undefined>): AsyncGenerator<ClientEvent, void, undefined> {
  for await (const event of events) {
    yield event.type === 'end' ? { type: 'end', response: event.result.response, report: reportResult(event.result) } : event;
  }
}
