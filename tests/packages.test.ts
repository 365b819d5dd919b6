import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entryPoints, listPackages, root, runCommand, type CommandResult } from './walk.js';

const packages = listPackages();
const work = mkdtempSync(join(tmpdir(), 'align-squad-packages-'));
const tarballs = join(work, 'tarballs');
const consumer = join(work, 'consumer');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

const tarballOf = (name: string, version: string): string =>
  join(tarballs, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);

beforeAll(async () => {
  requireBuild();
  mkdirSync(tarballs);
  mkdirSync(consumer);
  const workspaces = packages.map(({ room }) => `--workspace=packages/${room}`);
  const packed = await runCommand(npm, ['pack', '--silent', `--pack-destination=${tarballs}`, ...workspaces]);
  expect(packed, 'npm pack').toMatchObject({ status: 0 });
  const tarballUrls = packages.map(({ manifest: { name, version } }) => [name, `file:${tarballOf(name, version)}`]);
  const manifest = {
    private: true,
    type: 'module',
    // Its install script downloads CUDA files, which a CPU does not need.
    allowScripts: { 'onnxruntime-node': false },
    dependencies: Object.fromEntries(tarballUrls),
  };
  writeFileSync(join(consumer, 'package.json'), JSON.stringify(manifest));
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  // What allowScripts means to this npm, for an npm that does not know the field.
  const env = { ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const installed = await runCommand(npm, ['install', ...flags], { cwd: consumer, env });
  expect(installed, 'npm install').toMatchObject({ status: 0 });
}, 300_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

async function lintPackage(folder: string): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: false });
  return messages.map((message) => String(formatMessage(message, pkg, { color: false })));
}

function checkTypes(tarball: string): Promise<CommandResult> {
  const attw = join(root, 'node_modules', '.bin', 'attw');
  return runCommand(attw, [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji']);
}

function importFrom(folder: string, specifier: string): Promise<CommandResult> {
  const script = `const names = Object.keys(await import('${specifier}')); console.log(names.length);`;
  return runCommand(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder });
}

function requireBuild(): void {
  const unbuilt = packages.filter(({ folder }) => !readdirSync(folder).includes('dist')).map(({ room }) => room);
  if (unbuilt.length > 0) throw new Error(`Run \`npm run build\` first: no dist/ in ${unbuilt.join(', ')}.`);
}

// Its types claim CommonJS, stand after the code, and its code warns.
async function packFaulty(): Promise<{ readonly folder: string; readonly tarball: string }> {
  const folder = mkdtempSync(join(work, 'faulty-'));
  const exports = { '.': { default: './index.js', types: './index.d.cts' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'faulty', version: '1.0.0', type: 'module', exports }));
  writeFileSync(join(folder, 'index.js'), "process.emitWarning('a');\nexport const a = 1;\n");
  writeFileSync(join(folder, 'index.d.cts'), 'export const a: number;\n');
  expect(await runCommand(npm, ['pack', '--silent'], { cwd: folder })).toMatchObject({ status: 0 });
  return { folder, tarball: join(folder, 'faulty-1.0.0.tgz') };
}

test('a faulty package is reported by each check', async () => {
  const { folder, tarball } = await packFaulty();
  expect((await lintPackage(folder)).join('\n')).toContain('types should be the first');
  expect((await checkTypes(tarball)).status).not.toBe(0);
  expect((await importFrom(folder, './index.js')).stderr).not.toBe('');
});

describe.each(packages)('packages/$room', (pack) => {
  const { name, version } = pack.manifest;

  test.each(entryPoints(pack))('$specifier imports from the installed tarball with empty stderr', async (entry) => {
    const result = await importFrom(consumer, entry.specifier);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(Number(result.stdout)).toBeGreaterThan(0);
  });

  test('passes publint', async () => {
    expect(await lintPackage(join(consumer, 'node_modules', name))).toEqual([]);
  });

  test('has types that resolve for every consumer', async () => {
    expect(await checkTypes(tarballOf(name, version))).toMatchObject({ status: 0, stderr: '' });
  });
});

test('the installed command line runs', async () => {
  const command = join(consumer, 'node_modules', '.bin', 'align-squad');
  const result = await runCommand(command, ['inspect', '--prompt', 'What is 2 + 2?', '--response', 'It is 4.', '--json'], {
    cwd: consumer,
  });
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(Object.keys(JSON.parse(result.stdout) as object)).toContain('inspections');
});

test('the installed MCP server runs', async () => {
  const result = await runCommand(join(consumer, 'node_modules', '.bin', 'align-squad-mcp'), ['--version'], { cwd: consumer });
  expect(result).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
});
