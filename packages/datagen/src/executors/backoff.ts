const longestBackoffMs = 60_000;

/** Waits that double with each failure, between half and one and a half of their mean, at most a minute. */
export function createBackoff(meanMs: number, random: () => number): (failures: number) => number {
  return (failures) => Math.min(meanMs * 2 ** (failures - 1) * (0.5 + random()), longestBackoffMs);
}
