import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AlignSquadError } from '@align-squad/core';

/** An exported graph and what PyTorch computed of it. */
export interface Fixture {
  readonly name: string;
  readonly model: string;
  readonly reference: string;
}

/**
 * The fixtures in `autograd/*.onnx` and `kv-cache/*` of a folder, by name.
 * @throws AlignSquadError `conformance` when there is no such folder, or none in it.
 */
export async function findFixtures(folder: string): Promise<Fixture[]> {
  if (!(await isFolder(folder))) throw new AlignSquadError(`There is no folder ${folder}: give one with \`--fixtures DIR\`.`, { code: 'conformance' });
  const fixtures = [...(await findExported(join(folder, 'autograd'))), ...(await findCached(join(folder, 'kv-cache')))];
  if (fixtures.length > 0) return fixtures;
  throw new AlignSquadError(`No fixtures in ${folder}: expected autograd/*.onnx or kv-cache/*/onnx/model.onnx.`, { code: 'conformance' });
}

async function findExported(folder: string): Promise<Fixture[]> {
  const files = (await listOf(folder)).filter((file) => file.endsWith('.onnx'));
  return files.map((file): Fixture => {
    const stem = file.slice(0, -'.onnx'.length);
    return { name: stem, model: join(folder, file), reference: join(folder, `${stem}.safetensors`) };
  });
}

async function findCached(folder: string): Promise<Fixture[]> {
  const names = await listOf(folder);
  return names.map((name): Fixture => ({
    name: `${name} with cache`,
    model: join(folder, name, 'onnx/model.onnx'),
    reference: join(folder, name, 'ref.safetensors'),
  }));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function listOf(folder: string): Promise<string[]> {
  return (await isFolder(folder)) ? (await readdir(folder)).sort() : [];
}
