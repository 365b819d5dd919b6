import { AlignSquadError, raceAbort } from '@align-squad/core';
import type { LlamaSequence } from './llama-binding.js';

/** Sequences that requests take turns on, first come, first served. */
export interface SequencePool {
  /** Waits for a free sequence. Rejects with `disposed`, or with the signal's reason. */
  acquire(signal: AbortSignal | undefined): Promise<LlamaSequence>;
  release(sequence: LlamaSequence): void;
  /** Whoever waits, or comes later, is told `disposed`. */
  close(): void;
}

interface Waiter {
  resolve(sequence: LlamaSequence): void;
  reject(error: AlignSquadError): void;
}

/** What a request throws once its model is gone. */
export function disposedError(): AlignSquadError {
  return new AlignSquadError('The GGUF model was disposed; create another generator.', { code: 'disposed' });
}

/** A pool of these sequences, all of them free. */
export function createSequencePool(sequences: readonly LlamaSequence[]): SequencePool {
  const free = [...sequences];
  const waiting: Waiter[] = [];
  let isClosed = false;
  const release = (sequence: LlamaSequence): void => {
    const next = waiting.shift();
    if (next) next.resolve(sequence);
    else free.push(sequence);
  };
  return {
    async acquire(signal) {
      if (isClosed) throw disposedError();
      const sequence = free.pop();
      if (sequence) return sequence;
      let waiter: Waiter | undefined;
      const turn = new Promise<LlamaSequence>((resolve, reject) => waiting.push((waiter = { resolve, reject })));
      try {
        return await raceAbort(turn, signal);
      } catch (error) {
        const place = waiting.findIndex((each) => each === waiter);
        if (place >= 0) waiting.splice(place, 1);
        // Its turn may have come at the same time as the abort.
        else turn.then(release, () => undefined);
        throw error;
      }
    },
    release,
    close() {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(disposedError());
    },
  };
}
