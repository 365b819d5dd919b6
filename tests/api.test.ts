import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatApi, readPublicApi, snapshotPath } from './public-api.js';
import { listPackages, root, type Package } from './walk.js';

const packages = listPackages();
const sample = samplePackage();
const api = readPublicApi([...packages, sample]);
const rewrites = process.env['UPDATE_API'] === '1';

afterAll(() => rmSync(sample.folder, { recursive: true }));

// Lies inside the repository, so that the compiler resolves it as it does the packages.
function samplePackage(): Package {
  const folder = mkdtempSync(join(root, 'tests', '.api-'));
  writeFileSync(join(folder, 'index.ts'), "import './untyped.js';\nexport { b, type A as Renamed } from './b.js';\n");
  writeFileSync(
    join(folder, 'b.ts'),
    '/** Doc. */\nexport interface A {\n  /** Doc. */\n  readonly c: string;\n}\nexport function b(a: A): string {\n  return a.c;\n}\n',
  );
  writeFileSync(join(folder, 'untyped.ts'), 'export function d(a: number) {\n  return a + 1;\n}\n');
  const exports = { '.': { '@align-squad/source': './index.ts' } };
  return { room: 'sample', folder, manifest: { name: 'sample', version: '0.0.0', exports } };
}

test('names, declarations and missing documents are found', () => {
  const entries = api.entries.get('sample') ?? [];
  const names = entries.flatMap((entry) => entry.exports.map(({ name, isDocumented }) => [name, isDocumented]));
  expect(names).toEqual([['Renamed', true], ['b', false]]);
  expect(formatApi(entries)).toBe(
    '# sample\n\n// as Renamed\nexport interface A {\n    readonly c: string;\n}\n\nexport function b(a: A): string;\n',
  );
});

test('every export states its types', () => {
  const inSample = api.inferred.filter((message) => message.startsWith('tests/.api-'));
  expect(inSample).toHaveLength(1);
  expect(api.inferred.filter((message) => !inSample.includes(message))).toEqual([]);
});

test('every snapshot belongs to a package', () => {
  const folder = dirname(snapshotPath('any'));
  const rooms = existsSync(folder) ? readdirSync(folder).map((name) => basename(name, '.api.txt')) : [];
  expect(rooms.filter((room) => !packages.some((pack) => pack.room === room))).toEqual([]);
});

describe.each(packages)('packages/$room', ({ room, manifest }) => {
  const entries = api.entries.get(manifest.name) ?? [];

  test('exports something from every entry point', () => {
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter((entry) => entry.exports.length === 0).map(({ specifier }) => specifier)).toEqual([]);
  });

  test('documents every export', () => {
    const bare = entries.flatMap((entry) => entry.exports.filter(({ isDocumented }) => !isDocumented));
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  test('has the public API of its snapshot; UPDATE_API=1 rewrites it', () => {
    const path = snapshotPath(room);
    const text = formatApi(entries);
    if (rewrites) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    expect(existsSync(path) ? readFileSync(path, 'utf8') : 'no snapshot').toBe(text);
  });
});
