import type { Criterion } from '@align-squad/core';
import type { RequestHandler } from 'express';
import { holdResponse } from './hold-response.js';
import type { HttpOptions } from './options.js';
import { createReplyAligner } from './reply-aligner.js';

/**
 * Middleware that aligns the answers in what the routes behind it send, by whichever method of `res`.
 * @throws AlignSquadError `invalid-options`.
 * @example
 * ```ts
 * import { alignAnswers } from '@align-squad/http/express';
 * import express from 'express';
 *
 * const app = express().use('/chat', express.json(), alignAnswers(['ethical']));
 * ```
 */
export function alignAnswers(criteria?: readonly (string | Criterion)[], options: HttpOptions = {}): RequestHandler {
  const align = createReplyAligner(criteria, options);
  return (request, response, next) => {
    holdResponse(response, {
      method: request.method,
      align,
      // late, so that a parser of bodies may come after this one
      request: () => ({ method: request.method, url: request.originalUrl, headers: request.headers, body: request.body as unknown }),
    });
    next();
  };
}
