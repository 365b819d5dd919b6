import type { TrainEvent } from '../trainer/train-event.js';
import { trainAligner } from './train-aligner.js';
import { trainInspector } from './train-inspector.js';
import { resolveTrainConfig } from './train-config.js';

/** Runs a training in this thread; `train` runs it in a worker. Blocks the event loop while a step runs. */
export async function* runTask(config: unknown, options: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<TrainEvent> {
  const resolved = resolveTrainConfig(config);
  yield* resolved.task === 'inspector' ? trainInspector(resolved, options) : trainAligner(resolved, options);
}
