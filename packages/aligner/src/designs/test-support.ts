import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AlignRequest } from '@align-squad/core';
import { openPack, writePackManifest, type Pack } from '@align-squad/onnx';
import { alignerTokens } from '../format/aligner-tokens.js';

/** Files of a pack: bytes, or what becomes JSON. */
export type PackContents = Readonly<Record<string, Uint8Array | object>>;

const folders: string[] = [];

/** Writes a pack with this `aligner` section to a temporary folder and opens it. */
export async function createTestPack(contents: PackContents, aligner: Readonly<Record<string, unknown>>): Promise<Pack> {
  const folder = await mkdtemp(join(tmpdir(), 'aligner-pack-'));
  folders.push(folder);
  for (const [file, content] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  const names = { name: 'test-pack', version: '0.0.1', language: 'en', license: 'Apache-2.0' };
  await writePackManifest(folder, { schemaVersion: 1, ...names, aligner }, Object.keys(contents));
  return openPack(folder);
}

/** Removes the folders of `createTestPack`. */
export async function removeTestPacks(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** Ids of the byte tokenizer (`createByteTokenizer`). */
export const byteIds = {
  size: Object.keys(alignerTokens).length + 256,
  marker: (name: keyof typeof alignerTokens): number => Object.keys(alignerTokens).indexOf(name),
  /** Of an ASCII character. */
  of: (character: string): number => Object.keys(alignerTokens).length + character.charCodeAt(0),
} as const;

/** Requests that the models of these tests rewrite, as they turn each `!` into `.`. */
export const shouting: AlignRequest = { exchange: { prompt: 'Why?', context: 'Rain.', response: 'It rained! Naïve 👍🏽!' }, criterion: 'ethical' };

/** What `shouting` becomes. */
export const calm = 'It rained. Naïve 👍🏽.';
