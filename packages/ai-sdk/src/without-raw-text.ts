import { AlignSquadError } from '@align-squad/core';

// each has the text that it could not read, in its message too
const namesWithText: ReadonlySet<unknown> = new Set([
  'AI_InvalidResponseDataError',
  'AI_JSONParseError',
  'AI_NoObjectGeneratedError',
  'AI_TypeValidationError',
]);

// longer chains of causes are not followed
const maxCauses = 8;

/**
 * The error of a model as it is, or, where it quotes the answer that it could not read, `source-failed` in its place.
 */
export function withoutRawText(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < maxCauses; depth += 1) {
    if (typeof current !== 'object' || current === null) return error;
    if (holdsText(current)) break;
    current = 'cause' in current ? current.cause : undefined;
  }
  return new AlignSquadError('The answer of the model could not be read; the error that says why is withheld because it quotes the answer.', {
    code: 'source-failed',
  });
}

function holdsText(error: object): boolean {
  if ('name' in error && namesWithText.has(error.name)) return true;
  // a failed call whose status says success failed on its answer
  if (!('statusCode' in error && 'responseBody' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode < 300 && error.responseBody !== undefined;
}
