import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findFixtures } from './find-fixtures.js';

test('exported graphs and decoders with a cache are found', async () => {
  const folder = fileURLToPath(new URL('../../packages/onnx/fixtures/gradients', import.meta.url));
  const names = (await findFixtures(folder)).map(({ name }) => name);
  expect(names).toEqual(['bert-dyn', 'llama-ts', 't5-dyn', 'llama-dyn with cache']);
});

test('a folder that is missing, or has none, is refused by its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
  try {
    const refusal = (text: string): unknown => expect.objectContaining({ code: 'conformance', message: expect.stringContaining(text) as string });
    await expect(findFixtures(folder)).rejects.toEqual(refusal(`No fixtures in ${folder}`));
    await expect(findFixtures(join(folder, 'none'))).rejects.toEqual(refusal(`no folder ${join(folder, 'none')}`));
  } finally {
    await rm(folder, { recursive: true });
  }
});
