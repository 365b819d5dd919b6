import { raceAbort } from '@align-squad/core';
import type { Handler } from 'hono';
import { inspectWith } from './align-routes.js';
import type { ServerEnv, ServerParts } from './parts.js';

/** One criterion that the squad serves. */
export interface ServedCriterion {
  readonly id: string;
  /** P(misaligned) from which answers are flagged, in [0, 1]. */
  readonly threshold: number;
  /** Answers are held to it when a request names no criteria. */
  readonly isDefault: boolean;
}

/** `GET /v1/criteria`: the criteria that requests can name, with their thresholds. */
export function criteriaRoute(parts: ServerParts): Handler<ServerEnv> {
  return async ({ var: { call } }) => {
    const engine = await raceAbort(parts.engine, call.signal);
    // a verdict on no text names the threshold, and costs nothing
    const inspection = await inspectWith(engine, { exchange: { response: '' }, criteria: engine.squad.criteria, signal: call.signal });
    const criteria = Object.entries(inspection).map(([id, { threshold }]): ServedCriterion => ({ id, threshold, isDefault: engine.criteria.includes(id) }));
    return Response.json({ criteria });
  };
}
