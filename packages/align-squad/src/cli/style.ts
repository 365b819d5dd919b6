import picocolors from 'picocolors';

/** How text for people is painted. */
export type Style = ReturnType<typeof picocolors.createColors>;

/** Where text for people goes, as far as colours depend on it. */
export interface StyleTarget {
  readonly isTTY?: boolean | undefined;
}

/** Whether to paint: `NO_COLOR` says no, `FORCE_COLOR` says yes, otherwise only a terminal that is not dumb gets colours. */
export function hasColors(target: StyleTarget, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  return target.isTTY === true && env.TERM !== 'dumb';
}

/** The painter for a target; it leaves text as it is where colours are off. */
export function createStyle(target: StyleTarget, env: Readonly<Record<string, string | undefined>>): Style {
  return picocolors.createColors(hasColors(target, env));
}
