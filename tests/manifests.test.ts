import { describe, expect, test } from 'vitest';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { entryPoints, listPackages } from './walk.js';

const packages = listPackages();
const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));

test('there are packages to walk', () => {
  expect(packages.length).toBeGreaterThanOrEqual(9);
});

describe.each(packages)('packages/$room', (pack) => {
  const { room, folder, manifest } = pack;

  test('is named after its folder', () => {
    expect(manifest.name).toBe(room === 'align-squad' ? room : `@align-squad/${room}`);
  });

  test('has the fields that all packages share', () => {
    expect(manifest).toMatchObject({
      license: 'Apache-2.0',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
      scripts: { build: 'tsup' },
    });
    expect(manifest.description).toMatch(/\.$/);
    expect(manifest.files).toContain('dist');
    expect(manifest.private).toBeUndefined();
  });

  test('exports its package.json, and every entry as source, types and default', () => {
    const { './package.json': own, ...entries } = manifest.exports ?? {};
    expect(own).toBe('./package.json');
    expect(Object.keys(entries)).toContain('.');
    for (const target of Object.values(entries)) {
      expect(Object.keys(target)).toEqual(['@align-squad/source', 'types', 'default']);
    }
  });

  test('has the source file of every entry', () => {
    expect(entryPoints(pack).filter(({ source }) => !existsSync(join(folder, source)))).toEqual([]);
  });

  test('asks for exactly the version of its siblings that is here', () => {
    const wanted = Object.entries(manifest.dependencies ?? {}).filter(([name]) => versions.has(name));
    expect(wanted).toEqual(wanted.map(([name]) => [name, versions.get(name)]));
  });
});
