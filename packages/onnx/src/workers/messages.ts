import type { NativeOptions } from '../session/native-session.js';
import type { Tensor } from '../session/tensor.js';

/** What a thread is started with. */
export interface ThreadData {
  /** Path of the graph. */
  readonly model: string;
  readonly options: NativeOptions;
}

/** Names of a graph's inputs and outputs. */
export interface GraphNames {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** What a thread is asked, one at a time. */
export type ThreadRequest =
  | { readonly type: 'run'; readonly inputs: Readonly<Record<string, Tensor>>; readonly outputs: readonly string[] }
  | { readonly type: 'end' };

/** What a thread answers: `ready` or `failed` to its start, `outputs` or `failed` to a run. */
export type ThreadAnswer =
  | { readonly type: 'ready'; readonly names: GraphNames }
  | { readonly type: 'outputs'; readonly outputs: Record<string, Tensor> }
  | { readonly type: 'failed'; readonly part: 'import' | 'load' | 'run'; readonly cause: string };
