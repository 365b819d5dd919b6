/** How fast a run goes, as a moving average. */
export interface Pace {
  /** Counts a step of so many tokens; `left` steps are to come. */
  step(tokens: number, left: number): { readonly tokensPerSecond: number; readonly secondsLeft: number };
}

// Share of the newest step; the first steps, which compile graphs, are soon forgotten.
const share = 0.1;

/** Measures pace with a clock in milliseconds. */
export function createPace(now: () => number): Pace {
  let last = now();
  let seconds: number | undefined;
  let tokens = 0;
  return {
    step(count, left) {
      const time = now();
      const took = (time - last) / 1000;
      last = time;
      seconds = seconds === undefined ? took : (1 - share) * seconds + share * took;
      tokens = tokens === 0 ? count : (1 - share) * tokens + share * count;
      return { tokensPerSecond: seconds > 0 ? tokens / seconds : 0, secondsLeft: left * seconds };
    },
  };
}
