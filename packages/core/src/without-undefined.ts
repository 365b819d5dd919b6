/** `T` without undefined in its fields. */
export type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The fields of an object that have a value, so that defaults laid under them stay where an option is given as undefined. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  // A field that is undefined is left out, so those that are there have values.
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
