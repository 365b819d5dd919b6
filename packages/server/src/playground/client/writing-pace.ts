/** Time as an LLM that writes would take it. */
export interface WritingPace {
  /** Resolves when so many characters are written; rejects with the reason of the signal. */
  reach(characters: number): Promise<void>;
}

/** Options of `createWritingPace`. */
export interface WritingPaceOptions {
  /** Infinity writes all at once. */
  readonly charactersPerSecond: number;
  readonly signal: AbortSignal;
  /** Hears how many characters are written, as time goes by. */
  readonly onProgress: (characters: number) => void;
}

const frameMs = 30;

/** Begins to write now. */
export function createWritingPace({ charactersPerSecond, signal, onProgress }: WritingPaceOptions): WritingPace {
  const startedMs = performance.now();
  const written = (): number => ((performance.now() - startedMs) / 1000) * charactersPerSecond;
  return {
    async reach(characters) {
      for (;;) {
        signal.throwIfAborted();
        if (charactersPerSecond === Infinity || written() >= characters) break;
        onProgress(Math.floor(written()));
        await new Promise((resolve) => setTimeout(resolve, frameMs));
      }
    },
  };
}
