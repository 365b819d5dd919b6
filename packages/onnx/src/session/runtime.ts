import { AlignSquadError } from '@align-squad/core';

/** The module of onnxruntime-node. */
export type OnnxRuntime = typeof import('onnxruntime-node');

/**
 * Imports onnxruntime-node on first use; the only place that does.
 * @throws AlignSquadError `missing-dependency` with the command that installs it.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new AlignSquadError('Could not load `onnxruntime-node`; install it with `npm install onnxruntime-node`.', {
      code: 'missing-dependency',
      cause: error,
    });
  }
}
