import type { SourceReader } from '../source-reader.js';

/** Options of `watchSilence`. */
export interface SilenceOptions {
  /** Milliseconds that one read may take. */
  readonly silenceMs: number;
  /** Whether it matters if the next item is late. */
  readonly isWatched: () => boolean;
  /** Called once a read that takes longer; the read goes on. */
  readonly onSilence: () => void;
}

/** The reader that says so when its source is silent for long; closing it stops the clock too. */
export function watchSilence<T>(reader: SourceReader<T>, options: SilenceOptions): SourceReader<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    read: async () => {
      if (options.isWatched()) timer = setTimeout(options.onSilence, options.silenceMs);
      try {
        return await reader.read();
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => {
      clearTimeout(timer);
      return reader.close();
    },
  };
}
