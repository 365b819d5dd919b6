import type { z } from 'zod';
import { AlignSquadError, type ErrorCode } from './errors.js';

/** Names what a schema rejected by path and kind only, so that no user text can reach a message. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `\`${issue.path.map(describeKey).join('.') || 'value'}\` ${describeIssue(issue)}`)
    .join('; ');
}

// Keys of a record come from the caller and may be any text.
function describeKey(key: PropertyKey): string {
  return /^[\w-]{1,40}$/.test(String(key)) ? String(key) : '?';
}

function describeIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}${describeUnit(issue.origin)}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${describeUnit(issue.origin)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has ${issue.keys.length} unknown key(s)`;
    default:
      return 'is not valid';
  }
}

function describeUnit(origin: string): string {
  if (origin === 'string') return ' character(s) long';
  return origin === 'array' ? ' item(s) long' : '';
}

/** What `parseWith` is told about the value that it checks. */
export interface ParseOptions {
  /** What the value is, for the message: `Expected <what>`. */
  readonly what: string;
  readonly code: ErrorCode;
}

/**
 * Parses `value` with `schema` at the door of a public function.
 * @throws AlignSquadError with `options.code`, naming fields but never values.
 */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, options: ParseOptions): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AlignSquadError(`Expected ${options.what}: ${describeIssues(parsed.error)}.`, { code: options.code });
}
