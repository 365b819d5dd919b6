import { on } from 'node:events';
import { parentPort, workerData, type MessagePort, type TransferListItem } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { runNative, type Fetches } from '../session/native-session.js';
import type { OnnxRuntime } from '../session/runtime.js';
import type { Tensor } from '../session/tensor.js';
import type { ThreadAnswer, ThreadData, ThreadRequest } from './messages.js';

type Post = (answer: ThreadAnswer, transfer?: TransferListItem[]) => void;

/** Loads the graph; undefined after a failure, which was told. */
async function load({ model, options }: ThreadData, post: Post): Promise<{ ort: OnnxRuntime; session: InferenceSession } | undefined> {
  let part: 'import' | 'load' = 'import';
  try {
    // Not by loadOnnxRuntime: its module brings the schemas of core, which take longer to load than a graph.
    const ort = await import('onnxruntime-node');
    part = 'load';
    return { ort, session: await ort.InferenceSession.create(model, options.session) };
  } catch (error) {
    post({ type: 'failed', part, cause: String(error) });
    return undefined;
  }
}

async function serve(port: MessagePort, data: ThreadData): Promise<void> {
  const post: Post = (answer, transfer = []) => port.postMessage(answer, transfer);
  const requests = on(port, 'message') as AsyncIterable<[ThreadRequest]>;
  const loaded = await load(data, post);
  if (loaded === undefined) return port.close();
  const { ort, session } = loaded;
  post({ type: 'ready', names: { inputNames: session.inputNames, outputNames: session.outputNames } });
  for await (const [request] of requests) {
    if (request.type === 'end') break;
    try {
      const fetches: Fetches = Object.fromEntries(request.outputs.map((name) => [name, null]));
      const outputs = await runNative(ort, session, request.inputs, fetches, data.options.run);
      const owned = Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, copyTensor(tensor)]));
      post({ type: 'outputs', outputs: owned }, Object.values(owned).map((tensor) => tensor.data.buffer as ArrayBuffer));
    } catch (error) {
      post({ type: 'failed', part: 'run', cause: String(error) });
    }
  }
  await session.release();
  port.close();
}

/** The runtime's own memory can't be transferred to another thread. */
function copyTensor(tensor: Tensor): Tensor {
  // A slice has the type of what it is a slice of.
  return { ...tensor, data: tensor.data.slice() } as Tensor;
}

// The file is only ever loaded as a thread, with what the pool gives it.
if (parentPort) await serve(parentPort, workerData as ThreadData);
