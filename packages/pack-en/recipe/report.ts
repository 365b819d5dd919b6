/** Tells the person who runs the recipe how far it is. */
export type Report = (line: string) => void;

/** Writes lines to standard error, led by the seconds since the start. */
export function createReport(): Report {
  const start = performance.now();
  return (line) => process.stderr.write(`[${((performance.now() - start) / 1000).toFixed(0).padStart(5)} s] ${line}\n`);
}
