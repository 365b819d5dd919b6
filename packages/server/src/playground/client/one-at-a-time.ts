import { button } from './dom.js';

/** Work of which only the latest goes on. */
export interface OneAtATime {
  /** Ends the work; hidden while there is none. */
  readonly stop: HTMLButtonElement;
  /** Aborts what goes on and begins `work`. Rejects with what it throws of its own accord. */
  run(work: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

/** Options of `createOneAtATime`. */
export interface OneAtATimeOptions {
  readonly onStopped: () => void;
  /** Gets the focus when the button that has it goes. */
  readonly next: HTMLElement;
}

/** Makes the button, and room for one piece of work. */
export function createOneAtATime({ onStopped, next }: OneAtATimeOptions): OneAtATime {
  let running: AbortController | undefined;
  const stop = button('Stop', () => running?.abort(), { id: 'stop', hidden: '' });
  return {
    stop,
    async run(work) {
      running?.abort();
      const own = (running = new AbortController());
      stop.hidden = false;
      try {
        await work(own.signal);
      } catch (error) {
        if (!own.signal.aborted) throw error;
        if (running === own) onStopped();
      } finally {
        if (running === own) {
          if (document.activeElement === stop) next.focus();
          stop.hidden = true;
        }
      }
    },
  };
}
