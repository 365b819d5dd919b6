import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import type { Llama, LlamaBinding, LlamaContext, LlamaModel, LlamaSequence } from './llama-binding.js';

/** How a model is opened. */
export interface OpenModelOptions {
  readonly modelPath: string;
  readonly gpu: false | 'auto';
  /** Tokens of one sequence; the model may have been trained on fewer. */
  readonly contextSize: number;
  readonly sequences: number;
  readonly threads: number;
}

/** A model that is ready to work on its sequences. */
export interface OpenModel {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly sequences: readonly LlamaSequence[];
  dispose(): Promise<void>;
}

/** Loads a model file. Rejects with `model-invalid` naming the file, or with `missing-dependency`. */
export async function openModel(binding: LlamaBinding, options: OpenModelOptions): Promise<OpenModel> {
  const { modelPath, gpu, threads, sequences } = options;
  await checkFile(modelPath);
  const llama = await startLlama(binding, gpu, threads);
  let model: LlamaModel | undefined;
  let context: LlamaContext | undefined;
  const dispose = async (): Promise<void> => {
    await context?.dispose();
    await model?.dispose();
    await llama.dispose();
  };
  try {
    model = await llama.loadModel({ modelPath });
    const contextSize = Math.min(options.contextSize, model.trainContextSize);
    const opened = (context = await model.createContext({ contextSize, sequences, threads, failedCreationRemedy: false }));
    return { llama, model, sequences: Array.from({ length: sequences }, () => opened.getSequence()), dispose };
  } catch (error) {
    await dispose();
    throw new AlignSquadError(
      `llama.cpp could not load the model file ${basename(modelPath)}; it may be broken, of an architecture that it does not know, or too large for the memory with this \`contextSize\`.`,
      { code: 'model-invalid', cause: error },
    );
  }
}

async function startLlama(binding: LlamaBinding, gpu: false | 'auto', threads: number): Promise<Llama> {
  try {
    return await binding.getLlama({ gpu, build: 'never', skipDownload: true, progressLogs: false, logLevel: 'disabled', maxThreads: threads });
  } catch (error) {
    throw new AlignSquadError(
      '`node-llama-cpp` has no llama.cpp for this machine; install it with its optional dependencies, or build one with `npx node-llama-cpp source download`.',
      { code: 'missing-dependency', cause: error },
    );
  }
}

async function checkFile(modelPath: string): Promise<void> {
  const magic = await readStart(modelPath).catch((error: unknown) => {
    throw new AlignSquadError(`The model file ${basename(modelPath)} could not be read; is \`modelPath\` right?`, { code: 'model-invalid', cause: error });
  });
  if (magic !== 'GGUF') throw new AlignSquadError(`The model file ${basename(modelPath)} is no GGUF file.`, { code: 'model-invalid' });
}

async function readStart(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
