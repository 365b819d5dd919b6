/** Where progress goes. */
export interface ProgressTarget {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Shows a count that is rewritten in place, on a terminal only; an empty text wipes it. */
export function createProgress(target: ProgressTarget): (text: string) => void {
  if (target.isTTY !== true) return () => undefined;
  return (text) => {
    target.write(`\r\u001b[K${text}`);
  };
}
