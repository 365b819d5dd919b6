import { expect, test } from 'vitest';
import type { PackManifest } from './manifest.js';
import { packVersion } from './pack-version.js';

const manifest: PackManifest = {
  schemaVersion: 1,
  name: 'a-pack',
  version: '1.2.3',
  language: 'en',
  license: 'MIT',
  files: { 'model.onnx': { sha256: 'a'.repeat(64), bytes: 3 } },
  inspector: { threshold: 0.5 },
};

test('names the pack, its version and its content', () => {
  expect(packVersion(manifest)).toMatch(/^a-pack@1\.2\.3\+[0-9a-f]{16}$/);
  expect(packVersion(structuredClone(manifest))).toBe(packVersion(manifest));
});

test.each<[string, Partial<PackManifest>]>([
  ['a file', { files: { 'model.onnx': { sha256: 'b'.repeat(64), bytes: 3 } } }],
  ['a threshold', { inspector: { threshold: 0.6 } }],
])('another content of %s has another name', (_, change) => {
  expect(packVersion({ ...manifest, ...change })).not.toBe(packVersion(manifest));
});
