import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { refuse } from './errors-to-response.js';

/** Whether a key is one of those that are known; takes the same time whatever the key has in common with them. */
export type KeyCheck = (key: string) => boolean;

/** Keeps only hashes of the keys. */
export function createKeyCheck(keys: readonly string[]): KeyCheck {
  const known = keys.map(hash);
  return (key) => {
    const given = hash(key);
    // all of them are compared, so that the time does not tell which one it was
    return known.reduce((isKnown, one) => timingSafeEqual(one, given) || isKnown, false);
  };
}

/** Answers requests without one of the keys as bearer token with 401; without any keys all may pass. */
export function requireKey(keys: readonly string[] | undefined): MiddlewareHandler {
  const isKnown = keys && createKeyCheck(keys);
  return async (context, next) => {
    if (isKnown) {
      const [, token] = /^Bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '') ?? [];
      if (token === undefined || !isKnown(token)) {
        const headers = { 'www-authenticate': 'Bearer' };
        throw refuse(401, 'Expected one of the API keys of this server as bearer token.', { code: 'invalid_api_key', headers });
      }
    }
    await next();
  };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
