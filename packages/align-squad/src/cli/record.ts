import { AlignSquadError, parseExchange, type Exchange } from '@align-squad/core';

/** What one line of a JSONL file asks for; `id` is the record's own or its line number. */
export type InputRecord =
  | { readonly id: string | number; readonly exchange: Exchange }
  | { readonly id: string | number; readonly error: AlignSquadError };

/**
 * Reads one line `{"id"?, "prompt"?, "context"?, "response"}`.
 * A null id, prompt or context counts as absent; other keys are the caller's own and are left alone.
 */
export function parseRecord(line: string, number: number): InputRecord {
  const value = parseObject(line);
  if (value === undefined) return { id: number, error: invalid('Expected the line to be a JSON object.') };
  const id = value.id ?? number;
  if (typeof id !== 'string' && typeof id !== 'number') {
    return { id: number, error: invalid('Expected `id` to be a string or a number.') };
  }
  try {
    return { id, exchange: toExchange(value) };
  } catch (error) {
    if (AlignSquadError.isInstance(error)) return { id, error };
    throw error;
  }
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // The checks make it an object with string keys.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return undefined;
  } catch {
    return undefined;
  }
}

function toExchange(value: Readonly<Record<string, unknown>>): Exchange {
  return parseExchange({
    response: value.response,
    ...(value.prompt === undefined || value.prompt === null ? {} : { prompt: value.prompt }),
    ...(value.context === undefined || value.context === null ? {} : { context: value.context }),
  });
}

function invalid(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-exchange' });
}
