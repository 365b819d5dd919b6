import type { TrainEvent } from '../trainer/train-event.js';

/** Runs a part of a training between its `stage-start` and `stage-end`, and returns what it gives. */
export async function* inStage<T>(stage: string, work: () => Promise<T>): AsyncGenerator<TrainEvent, T, undefined> {
  yield { type: 'stage-start', stage };
  const started = performance.now();
  const value = await work();
  yield { type: 'stage-end', stage, seconds: (performance.now() - started) / 1000 };
  return value;
}
