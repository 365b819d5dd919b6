/** What went wrong, as a string that code can switch on. */
export type ErrorCode =
  | 'invalid-options'
  | 'invalid-exchange'
  | 'invalid-criterion'
  | 'unknown-criterion'
  | 'invalid-dataset'
  | 'missing-dependency'
  | 'pack-not-found'
  | 'pack-invalid'
  | 'pack-hash-mismatch'
  | 'pack-path-outside'
  | 'pack-version-unsupported'
  | 'model-invalid'
  | 'unsupported-operator'
  | 'inspector-failed'
  | 'aligner-failed'
  | 'generator-failed'
  | 'source-failed'
  | 'deadline-exceeded'
  | 'blocked'
  | 'disposed'
  | 'training-failed'
  | 'unexpected-call'
  | 'conformance';

/** Options of an `AlignSquadError`. */
export interface AlignSquadErrorOptions {
  readonly code: ErrorCode;
  /** The underlying error, kept for debugging; its message is never copied into ours. */
  readonly cause?: unknown;
}

const brand = Symbol.for('@align-squad/core/error');

/**
 * The one error class of align-squad.
 * Messages say what failed, on what, and what to do; they never hold text of users or models, nor keys.
 */
export class AlignSquadError extends Error {
  override readonly name = 'AlignSquadError';
  readonly code: ErrorCode;

  constructor(message: string, options: AlignSquadErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for errors of this class, also when they come from another copy of this package. */
  static isInstance(value: unknown): value is AlignSquadError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** Returns `error` when it is ours, otherwise wraps it with the given code and message. */
export function toAlignSquadError(error: unknown, message: string, code: ErrorCode): AlignSquadError {
  return AlignSquadError.isInstance(error) ? error : new AlignSquadError(message, { code, cause: error });
}
