import { open, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { elementCount, type ModelProto, type TensorProto } from './model.js';
import { readModel } from './read-model.js';
import { writeModel } from './write-model.js';

/** Options of `writeModelFile`. */
export interface WriteModelFileOptions {
  /** Bytes of all constants from which they go to a file beside the model, as no protobuf file may have 2 GB. @default 1.9e9 */
  readonly externalDataFrom?: number | undefined;
}

const defaultExternalDataFrom = 1.9e9;
// What the runtime maps into memory must begin at a page.
const pageBytes = 4096;
// One read or write of the operating system takes 2 GB at most.
const chunkBytes = 2 ** 30;

/**
 * Reads a model with the constants that lie in files beside it.
 * @throws AlignSquadError `model-invalid` when a file is missing, cut short, outside the model's folder, or no ONNX.
 */
export async function readModelFile(path: string): Promise<ModelProto> {
  const model = readModel(await readWhole(path));
  const folder = dirname(path);
  const handles = new Map<string, FileHandle>();
  try {
    const initializers: TensorProto[] = [];
    for (const tensor of model.graph.initializers) {
      initializers.push(tensor.external === undefined ? tensor : await loadTensor(tensor, tensor.external, folder, handles));
    }
    return { ...model, graph: { ...model.graph, initializers } };
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await openFile(path, `The model file ${basename(path)}`);
  try {
    const { size } = await file.stat();
    return await readRange(file, 0, size, basename(path));
  } finally {
    await file.close();
  }
}

async function loadTensor(
  tensor: TensorProto,
  external: Readonly<Record<string, string>>,
  folder: string,
  handles: Map<string, FileHandle>,
): Promise<TensorProto> {
  const location = external['location'] ?? '';
  const name = basename(location);
  const handle = handles.get(location) ?? (await openFile(await insideFolder(folder, location), `The file ${name}, in which the model's weights lie,`));
  handles.set(location, handle);
  const length = external['length'];
  const offset = Number(external['offset'] ?? 0);
  const size = length === undefined ? (await handle.stat()).size - offset : Number(length);
  const { external: _loaded, ...rest } = tensor;
  return { ...rest, bytes: await readRange(handle, offset, size, name) };
}

async function insideFolder(folder: string, location: string): Promise<string> {
  const path = resolve(folder, location);
  const isOutside = (from: string, to: string): boolean => relative(from, to).startsWith('..') || isAbsolute(relative(from, to));
  const real = await realpath(path).catch(() => path);
  const root = await realpath(folder).catch(() => folder);
  if (location === '' || isAbsolute(location) || isOutside(resolve(folder), path) || isOutside(root, real)) {
    throw new AlignSquadError('The model names a file of weights outside its folder.', { code: 'model-invalid' });
  }
  return path;
}

async function openFile(path: string, what: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new AlignSquadError(`${what} could not be opened: put it beside the model, or export the model again.`, { code: 'model-invalid', cause: error });
  }
}

async function readRange(file: FileHandle, from: number, length: number, name: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, length));
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(chunkBytes, bytes.length - at), from + at);
    if (bytesRead === 0) throw new AlignSquadError(`The file ${name} of the model is cut short.`, { code: 'model-invalid' });
    at += bytesRead;
  }
  return bytes;
}

/**
 * Writes a model, with its constants in `<name>_data` beside it where they are large. Files appear whole or not at all.
 * Returns the paths written. Rejects with `model-invalid` when they can't be written.
 */
export async function writeModelFile(path: string, model: ModelProto, options: WriteModelFileOptions = {}): Promise<readonly string[]> {
  const { externalDataFrom = defaultExternalDataFrom } = options;
  const total = model.graph.initializers.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  const dataPath = join(dirname(path), `${basename(path)}_data`);
  try {
    if (total < externalDataFrom) {
      await writeWhole(path, [writeModel(model)]);
      return [path];
    }
    const { placed, tensors } = placeTensors(model.graph.initializers, basename(dataPath));
    await writeWhole(dataPath, pagesOf(placed));
    await writeWhole(path, [writeModel({ ...model, graph: { ...model.graph, initializers: tensors } })]);
    return [path, dataPath];
  } catch (error) {
    throw toAlignSquadError(error, `Could not write the model file ${basename(path)}; is the disk full?`, 'model-invalid');
  }
}

/** Each tensor begins at a page; small ones stay in the model, where shape inference looks for them. */
function placeTensors(initializers: readonly TensorProto[], location: string): { placed: Uint8Array[]; tensors: TensorProto[] } {
  const placed: Uint8Array[] = [];
  let offset = 0;
  const tensors = initializers.map((tensor): TensorProto => {
    const { bytes, ...rest } = tensor;
    if (bytes === undefined || elementCount(tensor.dims) < 64) return tensor;
    const external = { location, offset: String(offset), length: String(bytes.length) };
    placed.push(bytes);
    offset += Math.ceil(bytes.length / pageBytes) * pageBytes;
    return { ...rest, external };
  });
  return { placed, tensors };
}

function* pagesOf(placed: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const bytes of placed) {
    yield bytes;
    const rest = bytes.length % pageBytes;
    if (rest > 0) yield new Uint8Array(pageBytes - rest);
  }
}

async function writeWhole(path: string, parts: Iterable<Uint8Array>): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w');
  try {
    for (const bytes of parts) {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, at, Math.min(chunkBytes, bytes.length - at));
        at += bytesWritten;
      }
    }
    await file.sync();
    await file.close();
    await rename(part, path);
  } catch (error) {
    await file.close().catch(() => undefined); // closed already where the rename failed
    await rm(part, { force: true });
    throw error;
  }
}
