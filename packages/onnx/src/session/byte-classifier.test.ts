import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSession, type OnnxSession } from './session.js';

// Magika, a classifier of third parties that reads the first and the last bytes of a file.
const folder = new URL('../../fixtures/magika/', import.meta.url);

interface MagikaConfig {
  beg_size: number;
  end_size: number;
  padding_token: number;
  block_size: number;
  target_labels_space: string[];
}

let config: MagikaConfig;
let session: OnnxSession;

beforeAll(async () => {
  config = JSON.parse(await readFile(new URL('config.min.json', folder), 'utf8')) as MagikaConfig;
  session = await createSession(await readFile(new URL('model.onnx', folder)));
});

afterAll(() => session.dispose());

// The beginning is padded at its end and the end at its beginning; white space at both ends of the file is left out.
function features(bytes: Uint8Array): Int32Array {
  const { beg_size, end_size, padding_token, block_size } = config;
  const input = new Int32Array(beg_size + end_size).fill(padding_token);
  const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);
  const head = bytes.subarray(0, block_size);
  const first = head.findIndex((byte) => !isSpace(byte));
  if (first >= 0) input.set(head.subarray(first, first + beg_size), 0);
  const tail = bytes.subarray(-block_size);
  const end = tail.subarray(0, tail.findLastIndex((byte) => !isSpace(byte)) + 1).subarray(-end_size);
  input.set(end, input.length - end.length);
  return input;
}

async function classify(bytes: Uint8Array): Promise<{ label: string | undefined; score: number }> {
  const data = features(bytes);
  const { target_label } = await session.run({ bytes: { type: 'int32', data, dims: [1, data.length] } });
  const scores = Array.from(target_label?.data ?? [], Number);
  const score = Math.max(...scores);
  return { label: config.target_labels_space[scores.indexOf(score)], score };
}

const python = `
import argparse
from pathlib import Path


def count_words(path: Path) -> int:
    """Count the words of a text file."""
    with path.open(encoding="utf-8") as handle:
        return sum(len(line.split()) for line in handle)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    print(count_words(parser.parse_args().path))
`;

const json = JSON.stringify(
  { name: 'align', version: '1.0.0', tags: ['a', 'b'], nested: { enabled: true, limit: 10, ratio: 0.5, note: null } },
  null,
  2,
);

function chunk(type: string, body: Uint8Array): Uint8Array {
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, body.length);
  // Readers check the last four bytes, a checksum; the classifier does not.
  return Buffer.concat([new Uint8Array(length.buffer), Buffer.from(type), body, new Uint8Array(4)]);
}

function png(): Uint8Array {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  const header = [0, 0, 0, 16, 0, 0, 0, 16, 8, 2, 0, 0, 0];
  const rows = deflateSync(Uint8Array.from({ length: 16 * 49 }, (_, index) => (index * 37) % 256));
  return Buffer.concat([
    Uint8Array.from(signature),
    chunk('IHDR', Uint8Array.from(header)),
    chunk('IDAT', rows),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

test.each([
  ['python', new TextEncoder().encode(python)],
  ['json', new TextEncoder().encode(json)],
  ['png', png()],
])('a byte classifier recognises %s', async (label, bytes) => {
  const result = await classify(bytes);
  expect(result.label).toBe(label);
  expect(result.score).toBeGreaterThan(0.9);
});

test('the scores of a byte classifier are probabilities', async () => {
  const data = features(new TextEncoder().encode(python));
  const { target_label } = await session.run({ bytes: { type: 'int32', data, dims: [1, data.length] } });
  const scores = Array.from(target_label?.data ?? [], Number);
  expect(scores).toHaveLength(config.target_labels_space.length);
  expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
});
