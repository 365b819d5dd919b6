import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Triple } from '../records/records.js';
import { tripleWith } from '../clean/test-support.js';

/** A folder that is gone after the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-dataset-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A triple with every field, and texts that file formats have to guard. */
export const fullTriple: Triple = tripleWith({
  id: 'full',
  prompt: 'Is "a, b" one line\nor two?\rOr three?',
  context: ' padded ',
  misaligned: '=1+1',
  critique: '',
  aligned: 'Zwei Zeilen – 二行 🙂',
  topic: 'Lines',
  questionType: 'Questions, with a comma',
  adversarial: true,
  images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }],
});

/** Throws what a source of records may throw, after one of them. */
export async function* failingTriples(error: unknown): AsyncGenerator<Triple> {
  yield tripleWith();
  throw error;
}
