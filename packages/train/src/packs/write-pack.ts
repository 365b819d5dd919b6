import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { parsePackManifest, writePackManifest, type PackManifest } from '@align-squad/onnx';
import { quantizeModel, writeModelFile, type ModelProto, type WriteModelFileOptions } from '@align-squad/onnx/graph';

/** What `writePack` writes; paths are relative to the folder, with forward slashes. */
export interface PackContents extends WriteModelFileOptions {
  readonly manifest: Omit<PackManifest, 'files'>;
  /** By the path of the float32 file, such as `onnx/model.onnx`; the int8 one is `onnx/model_quantized.onnx`. */
  readonly models: Readonly<Record<string, ModelProto>>;
  /** Content of tokenizer.json. */
  readonly tokenizer?: object | undefined;
  readonly json?: Readonly<Record<string, object>> | undefined;
  readonly binary?: Readonly<Record<string, Uint8Array>> | undefined;
  /** Write the float32 files too; without them transformers.js is told to load int8. @default true */
  readonly fp32?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a pack in float32 and int8 with its pack.json and returns the manifest.
 * All of it is written beside `directory` and then put in its place: a pack that is there is replaced by a whole one.
 * @throws AlignSquadError `pack-invalid` when `directory` holds something other than a pack, for a manifest that
 * `openPack` would refuse, and when it can't be written; `pack-path-outside` for a path that leads out of the folder.
 */
export async function writePack(directory: string, contents: PackContents): Promise<PackManifest> {
  const { signal } = contents;
  signal?.throwIfAborted();
  requireManifest(contents);
  const target = await realpath(directory).catch(() => resolve(directory));
  await requireReplaceable(target);
  const temporary = besides(target, 'part');
  try {
    const files = await writeFiles(temporary, contents);
    const manifest = await writePackManifest(temporary, contents.manifest, files, { signal });
    await requireReplaceable(target);
    await putInPlace(temporary, target);
    return manifest;
  } catch (error) {
    signal?.throwIfAborted();
    throw toAlignSquadError(error, 'Could not write the pack; is the disk full or the folder read-only?', 'pack-invalid');
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Writes everything but pack.json and returns the paths, those of external data among them. */
async function writeFiles(folder: string, contents: PackContents): Promise<string[]> {
  const { models, tokenizer, json = {}, binary = {}, fp32 = true, externalDataFrom, signal } = contents;
  const files: string[] = [];
  const place = async (file: string): Promise<string> => {
    signal?.throwIfAborted();
    files.push(file);
    await mkdir(dirname(join(folder, file)), { recursive: true });
    return join(folder, file);
  };
  const external: string[] = [];
  const writeOne = async (file: string, model: ModelProto): Promise<void> => {
    const [, ...data] = await writeModelFile(await place(file), model, { externalDataFrom });
    files.push(...data.map((path) => relative(folder, path).replaceAll(sep, '/')));
    if (data.length > 0) external.push(basename(file));
  };
  for (const [file, model] of Object.entries(models)) {
    if (fp32) await writeOne(file, model);
    await writeOne(quantizedName(file), quantizeModel(model));
  }
  if (tokenizer) await writeFile(await place('tokenizer.json'), JSON.stringify(tokenizer));
  for (const [file, value] of Object.entries(json)) {
    const content = file === 'config.json' ? withLoading(value, fp32, external) : value;
    await writeFile(await place(file), `${JSON.stringify(content, null, 2)}\n`);
  }
  for (const [file, bytes] of Object.entries(binary)) await writeFile(await place(file), bytes);
  return files;
}

/** config.json with what transformers.js must know to load these files; what a base model said of its own does not hold. */
function withLoading(config: object, fp32: boolean, external: readonly string[]): object {
  const { 'transformers.js_config': _former, ...kept } = config as Readonly<Record<string, unknown>>;
  const loading = {
    ...(fp32 ? {} : { dtype: 'q8' }),
    ...(external.length === 0 ? {} : { use_external_data_format: Object.fromEntries(external.map((name) => [name, 1])) }),
  };
  return Object.keys(loading).length === 0 ? kept : { ...kept, 'transformers.js_config': loading };
}

/** Path of the int8 file of a model, as transformers.js names it. */
export function quantizedName(file: string): string {
  return file.replace(/(\.onnx)?$/, '_quantized.onnx');
}

/** Checked before anything is written, as a path that leads out of the folder must not be written to. */
function requireManifest({ manifest, models, json = {}, binary = {} }: PackContents): void {
  const files = [models, json, binary].flatMap((group) => Object.keys(group));
  const unmeasured = { sha256: '0'.repeat(64), bytes: 0 };
  parsePackManifest({ ...manifest, files: Object.fromEntries(files.map((file) => [file, unmeasured])) });
}

async function requireReplaceable(target: string): Promise<void> {
  const entries: string[] = await readdir(target).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new AlignSquadError(`Could not read ${JSON.stringify(target)} as a folder to write a pack to.`, { code: 'pack-invalid', cause: error });
  });
  if (entries.length === 0 || entries.includes('pack.json')) return;
  throw new AlignSquadError(`The folder ${JSON.stringify(target)} holds files but no pack: name an empty one, a new one, or that of a pack.`, {
    code: 'pack-invalid',
  });
}

async function putInPlace(temporary: string, target: string): Promise<void> {
  const former = besides(target, 'old');
  const hasFormer = await rename(target, former).then(() => true, () => false);
  try {
    await rename(temporary, target);
  } catch (error) {
    if (hasFormer) await rename(former, target);
    throw error;
  }
  if (hasFormer) await rm(former, { recursive: true, force: true });
}

/** A new name in the same folder, so that a rename is enough to move one in place of the other. */
function besides(target: string, ending: string): string {
  return join(dirname(target), `.${basename(target)}.${randomUUID()}.${ending}`);
}
