import { realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, sep, win32 } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import { dataType, elementCount, type TensorProto } from './model.js';

/** A place in a file beside the model where the values of a tensor are. */
export interface ExternalRange {
  /** Path from the model's folder. */
  readonly location: string;
  readonly offset: number;
  /** In bytes; undefined for all that follow. */
  readonly length?: number | undefined;
}

const bitsByType: ReadonlyMap<number, number> = new Map([
  [dataType.float32, 32],
  [dataType.uint8, 8],
  [dataType.int8, 8],
  [dataType.uint16, 16],
  [dataType.int16, 16],
  [dataType.int32, 32],
  [dataType.int64, 64],
  [dataType.bool, 8],
  [dataType.float16, 16],
  [dataType.float64, 64],
  [dataType.uint32, 32],
  [dataType.bfloat16, 16],
]);

/**
 * Where a tensor's values are, as the model says.
 * @throws AlignSquadError `model-invalid` for a path that leads out of the model's folder, or numbers that fit no tensor.
 */
export function externalRange(tensor: TensorProto, model: string): ExternalRange {
  const { location = '', offset, length } = tensor.external ?? {};
  const isInside = location !== '' && !isAbsolute(location) && !win32.isAbsolute(location) && !location.split(/[/\\]/).includes('..');
  if (!isInside || location.includes('\0')) throw leadsOut(tensor, model);
  const bits = bitsByType.get(tensor.type);
  const expected = bits === undefined ? undefined : (elementCount(tensor.dims) * bits) / 8;
  const range = { location, offset: byteCount(offset, tensor, model) ?? 0, length: byteCount(length, tensor, model) ?? expected };
  if (expected !== undefined && range.length !== expected) throw wrongSize(tensor, model);
  return range;
}

function byteCount(text: string | undefined, tensor: TensorProto, model: string): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw wrongSize(tensor, model);
  return count;
}

/**
 * Real path of a file with external data; `root` is the real path of the model's folder.
 * @throws AlignSquadError `model-invalid` when there is no such file, or a link leads out of the folder.
 */
export async function locateExternalFile(root: string, location: string, tensor: TensorProto, model: string): Promise<string> {
  let path: string;
  let isFile: boolean;
  try {
    path = await realpath(join(root, location));
    isFile = (await stat(path)).isFile();
  } catch (error) {
    throw missing(location, tensor, model, error);
  }
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) throw leadsOut(tensor, model);
  if (!isFile) throw missing(location, tensor, model);
  return path;
}

/** The error of an external file that ends before the tensor does. */
export function endsBefore(location: string, tensor: TensorProto, model: string): AlignSquadError {
  return new AlignSquadError(
    `${basename(location)} ends before the values of tensor ${tensor.name} of ${model}: it is cut short; copy or download it again.`,
    { code: 'model-invalid' },
  );
}

function missing(location: string, tensor: TensorProto, model: string, cause?: unknown): AlignSquadError {
  return new AlignSquadError(
    `${model} has the values of tensor ${tensor.name} in ${basename(location)}, which is missing: put that file beside the model.`,
    { code: 'model-invalid', cause },
  );
}

function leadsOut(tensor: TensorProto, model: string): AlignSquadError {
  return new AlignSquadError(
    `${model} has the values of tensor ${tensor.name} in a file outside of its folder: copy both files, not links, into one folder.`,
    { code: 'model-invalid' },
  );
}

function wrongSize(tensor: TensorProto, model: string): AlignSquadError {
  return new AlignSquadError(`${model} gives a place for the values of tensor ${tensor.name} that does not fit its shape.`, {
    code: 'model-invalid',
  });
}
