import type { TrainEvent } from '../trainer/train-event.js';
import { scratch, type ResolvedTrainConfig } from './train-config.js';
import { trainHead } from './train-head.js';
import { trainInspectorWeights } from './train-inspector-weights.js';
import { trainScratchInspector } from './train-scratch-inspector.js';

/** Trains an inspector pack by a checked configuration, in this thread. */
export function trainInspector(config: ResolvedTrainConfig, options: { readonly signal?: AbortSignal | undefined }): AsyncGenerator<TrainEvent> {
  if (config.base === scratch) return trainScratchInspector(config, options);
  return config.method === 'head' ? trainHead(config, options) : trainInspectorWeights(config, options);
}
