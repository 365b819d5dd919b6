/** Where a parsed JSON body holds its answer. */
export interface AnswerField {
  /** The answer; undefined where the body has none. */
  readonly get: (body: unknown) => string | undefined;
  /** The body with another answer; it may change the one that it was given. */
  readonly set: (body: unknown, text: string) => unknown;
}

/** The field at a path of keys and indexes, such as `choices.0.message.content`. */
export function keyPath(path: string): AnswerField {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holderOf = (body: unknown): Record<string, unknown> | undefined => {
    const holder = keys.reduce(valueAt, body);
    return isHolder(holder) ? holder : undefined;
  };
  return {
    get: (body) => {
      const value = valueAt(holderOf(body), last);
      return typeof value === 'string' ? value : undefined;
    },
    set: (body, text) => {
      const holder = holderOf(body);
      if (holder !== undefined) holder[last] = text;
      return body;
    },
  };
}

/** The own value of a key, so that a path never leaves the body. */
function valueAt(holder: unknown, key: string): unknown {
  return isHolder(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
