import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import type { Weights } from '../models/weights.js';
import { readWeights, writeWeights } from '../models/weight-file.js';

/** What a training leaves for its own later runs, beside the pack that it makes; removed when the pack is written. */
export interface WorkFolder {
  path(name: string): string;
  /** The weights that an earlier run left under that name, or new ones, kept. */
  weights(name: string, make: () => Promise<Weights>): Promise<Weights>;
  /** The JSON value that an earlier run left under that name, or a new one, kept. */
  json<T>(name: string, make: () => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

/** Options of `openWorkFolder`. */
export interface WorkFolderOptions {
  /** Hash of everything that the result depends on. */
  readonly fingerprint: string;
  /** Throw away what an earlier run left. */
  readonly restart: boolean;
}

/**
 * Opens the work folder of a pack, `<out>.training`.
 * @throws AlignSquadError `training-failed` when an earlier run with another configuration or other data left it, or it
 * can't be written.
 */
export async function openWorkFolder(out: string, { fingerprint, restart }: WorkFolderOptions): Promise<WorkFolder> {
  const folder = `${resolve(out)}.training`;
  const path = (name: string): string => join(folder, name);
  const left = restart ? undefined : await readText(path('fingerprint'));
  const isStale = left !== undefined && left !== fingerprint;
  if (isStale && (await holdsWeights(folder))) {
    throw new AlignSquadError(
      'An earlier training with another configuration or other data was not finished in this output folder: start anew with `restart`, or use another folder.',
      { code: 'training-failed' },
    );
  }
  await guard(async () => {
    if (restart || isStale) await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  });
  if (left !== fingerprint) await writeWhole(path('fingerprint'), fingerprint);
  return {
    path,
    async weights(name, make) {
      const file = path(`${name}.safetensors`);
      if ((await readText(`${file}.done`)) !== undefined) return readWeights(file);
      const weights = await make();
      await writeWeights(file, weights);
      await writeWhole(`${file}.done`, '');
      return weights;
    },
    async json<T>(name: string, make: () => Promise<T>) {
      const file = path(`${name}.json`);
      const text = await readText(file);
      // Written below by the same code, under the same fingerprint.
      if (text !== undefined) return JSON.parse(text) as T;
      const value = await make();
      await writeWhole(file, JSON.stringify(value));
      return value;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A run that was refused before its first checkpoint leaves nothing that would be missed. */
async function holdsWeights(folder: string): Promise<boolean> {
  return (await readdir(folder, { recursive: true })).some((name) => name.includes('.safetensors'));
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await guard(async () => {
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  });
}

async function guard<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw toAlignSquadError(error, 'Could not write beside the output folder; is the disk full or read-only?', 'training-failed');
  }
}
