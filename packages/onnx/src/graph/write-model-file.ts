import { basename } from 'node:path';
import { AlignSquadError, parseWith, toAlignSquadError } from '@align-squad/core';
import { z } from 'zod';
import { writeChunks, writeRange, writeWhole } from './file-ranges.js';
import { listConstants, replaceConstants } from './graph-constants.js';
import type { ModelProto, TensorProto } from './model.js';
import { modelMessage } from './write-model.js';

/** Options of `writeModelFile`. */
export interface WriteModelFileOptions {
  /** Bytes of all constants from which those of 1 KB and more go to `<name>.onnx_data` beside the model. @default 1.9e9 */
  readonly externalDataFrom?: number | undefined;
}

const optionsSchema = z.strictObject({ externalDataFrom: z.number().min(0).default(1.9e9) });

// The format ends a file at 2 GB.
const largestFile = 2 ** 31;
// Runtimes map the file into memory, a page at a time.
const pageBytes = 4096;
// Smaller ones, shapes among them, are needed to load the graph.
const smallestExternal = 1024;

interface Placed {
  readonly tensor: TensorProto;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/**
 * Writes an ONNX model file, its data in a second file when it is large; each file appears whole or not at all, tensor after
 * tensor, without a copy of the whole in memory. Returns the paths that it wrote, the model first.
 * @throws AlignSquadError `model-invalid` for a model whose external data was not read, or when a file can't be written;
 * `invalid-options`.
 */
export async function writeModelFile(path: string, model: ModelProto, options: WriteModelFileOptions = {}): Promise<readonly string[]> {
  const { externalDataFrom } = parseWith(optionsSchema, options, { what: 'options of `writeModelFile`', code: 'invalid-options' });
  const name = basename(path);
  const placed = placeTensors(model, externalDataFrom);
  const dataPath = `${path}_data`;
  const message = modelMessage(placed.length === 0 ? model : withPlaces(model, placed, basename(dataPath)));
  if (message.length >= largestFile) {
    throw new AlignSquadError(`${name} would be larger than 2 GB: set \`externalDataFrom\` lower.`, { code: 'model-invalid' });
  }
  try {
    if (placed.length > 0) {
      await writeWhole(dataPath, async (file) => {
        for (const { bytes, offset } of placed) await writeRange(file, offset, bytes);
      });
    }
    await writeWhole(path, (file) => writeChunks(file, message.chunks));
  } catch (error) {
    throw toAlignSquadError(error, `Could not write ${name}; is there such a folder, and room on the disk?`, 'model-invalid');
  }
  return placed.length > 0 ? [path, dataPath] : [path];
}

function placeTensors(model: ModelProto, externalDataFrom: number): Placed[] {
  const constants = listConstants(model.graph);
  const unread = constants.find(({ tensor }) => tensor.external);
  if (unread) {
    throw new AlignSquadError(`The values of tensor ${unread.name} were not read: read the model with \`readModelFile\`.`, {
      code: 'model-invalid',
    });
  }
  const total = constants.reduce((sum, { tensor }) => sum + (tensor.bytes?.length ?? 0), 0);
  if (total < externalDataFrom) return [];
  let offset = 0;
  return constants.flatMap(({ tensor, kind }) => {
    const { bytes } = tensor;
    if (kind !== 'initializer' || !bytes || bytes.length < smallestExternal) return [];
    const placed = { tensor, bytes, offset };
    offset += Math.ceil(bytes.length / pageBytes) * pageBytes;
    return [placed];
  });
}

function withPlaces(model: ModelProto, placed: readonly Placed[], location: string): ModelProto {
  const places = new Map(placed.map((place) => [place.tensor, place]));
  const graph = replaceConstants(model.graph, ({ tensor }) => {
    const place = places.get(tensor);
    if (!place) return tensor;
    const external = { location, offset: String(place.offset), length: String(place.bytes.length) };
    return { ...tensor, bytes: undefined, external };
  });
  return { ...model, graph };
}
