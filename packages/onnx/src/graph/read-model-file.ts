import { open, realpath, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { endsBefore, externalRange, locateExternalFile, type ExternalRange } from './external-data.js';
import { readRange } from './file-ranges.js';
import { listConstants, replaceConstants } from './graph-constants.js';
import type { ModelProto, TensorProto } from './model.js';
import { readModel } from './read-model.js';

// A message of the file format has no more bytes; it is a limit for one tensor as well.
const largestMessage = 2 ** 31;

/**
 * Reads an ONNX model file with the data that lies in files beside it; each tensor of those gets memory of its own, so that
 * the whole may be larger than 2 GB.
 * @throws AlignSquadError `model-invalid` when the file is no model, or external data is missing, too short, larger than
 * 2 GB for a tensor, or outside of the model's folder.
 */
export async function readModelFile(path: string): Promise<ModelProto> {
  const name = basename(path);
  try {
    const model = readModel(await readModelBytes(path, name));
    return await loadExternalData(model, await realpath(dirname(path)), name);
  } catch (error) {
    throw toAlignSquadError(error, `Could not read ${name}; is there such a file?`, 'model-invalid');
  }
}

async function readModelBytes(path: string, name: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size >= largestMessage) {
      throw new AlignSquadError(`${name} is larger than 2 GB, which no ONNX file is: its weights belong into a file of their own.`, {
        code: 'model-invalid',
      });
    }
    return await readRange(file, 0, size);
  } finally {
    await file.close();
  }
}

async function loadExternalData(model: ModelProto, root: string, name: string): Promise<ModelProto> {
  const loaded = new Map<TensorProto, TensorProto>();
  const files = new Map<string, FileHandle>();
  try {
    for (const { tensor } of listConstants(model.graph)) {
      if (!tensor.external) continue;
      const range = externalRange(tensor, name);
      const file = files.get(range.location) ?? (await open(await locateExternalFile(root, range.location, tensor, name), 'r'));
      files.set(range.location, file);
      loaded.set(tensor, { ...tensor, external: undefined, bytes: await readTensorBytes(file, range, tensor, name) });
    }
  } finally {
    for (const file of files.values()) await file.close();
  }
  return { ...model, graph: replaceConstants(model.graph, ({ tensor }) => loaded.get(tensor) ?? tensor) };
}

async function readTensorBytes(file: FileHandle, range: ExternalRange, tensor: TensorProto, model: string): Promise<Uint8Array> {
  // The size is checked before memory is asked for: a damaged model may name any.
  const { size } = await file.stat();
  const length = range.length ?? Math.max(0, size - range.offset);
  if (range.offset + length > size) throw endsBefore(range.location, tensor, model);
  if (length > largestMessage) {
    throw new AlignSquadError(`Tensor ${tensor.name} of ${model} is larger than 2 GB, which is not supported.`, { code: 'model-invalid' });
  }
  const bytes = await readRange(file, range.offset, length);
  if (bytes.length < length) throw endsBefore(range.location, tensor, model);
  return bytes;
}
