import { AlignSquadError } from '@align-squad/core';

/**
 * A copy of `backend` with some members replaced. Every other one, inherited ones such as `dispose` included, goes on to
 * `backend` itself, so that members of classes keep their private state.
 */
export function wrapBackend<T extends object, O extends object>(backend: T, overrides: O): T & O {
  const wrapper = {};
  for (const [key, isMethod] of membersOf(backend)) {
    const read = (): unknown => Reflect.get(backend, key);
    const method: unknown = isMethod ? read() : undefined;
    const member = typeof method === 'function' ? { value: method.bind(backend) as unknown } : { get: read };
    Object.defineProperty(wrapper, key, { ...member, enumerable: true, configurable: true });
  }
  for (const key of Reflect.ownKeys(overrides)) {
    Object.defineProperty(wrapper, key, { value: Reflect.get(overrides, key), enumerable: true, configurable: true });
  }
  // All members of both are there by now.
  return wrapper as T & O;
}

/** The error for a value that has none of the contracts that a wrapper takes. */
export function notABackend(expected: string): AlignSquadError {
  return new AlignSquadError(`Expected ${expected}, got a value without their \`contract\`.`, { code: 'invalid-options' });
}

/** Keys of own and inherited members, each with whether it is a method. */
function membersOf(backend: object): Map<PropertyKey, boolean> {
  const members = new Map<PropertyKey, boolean>();
  for (let owner: object | null = backend; owner !== null && owner !== Object.prototype; ) {
    for (const key of Reflect.ownKeys(owner)) {
      if (key === 'constructor' || members.has(key)) continue;
      members.set(key, typeof Object.getOwnPropertyDescriptor(owner, key)?.value === 'function');
    }
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return members;
}
