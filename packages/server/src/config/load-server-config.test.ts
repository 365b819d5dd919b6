import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doubleSquad } from '@align-squad/embedded/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createServer } from '../create-server.js';
import { loadServerConfig } from './load-server-config.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'align-squad-config-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(cwd, name), text);
const refused = (message: unknown): object => ({ code: 'invalid-options', message });

test('without a file and variables there are only defaults', async () => {
  expect(await loadServerConfig({ cwd })).toMatchObject({ port: 8787, host: '127.0.0.1', maxBodyBytes: 4194304, playground: true });
});

test.each([
  ['align-squad.config.json', '{"port":1234,"criteria":["ethical"]}'],
  ['align-squad.config.yaml', 'port: 1234\ncriteria: [ethical]\n'],
  ['align-squad.config.js', 'export default { port: 1234, criteria: ["ethical"] };\n'],
  ['align-squad.config.ts', 'const port: number = 1234;\nexport default { port, criteria: ["ethical"] };\n'],
])('%s is found', async (name, text) => {
  await write(name, text);
  expect(await loadServerConfig({ cwd })).toMatchObject({ port: 1234, criteria: ['ethical'] });
});

test('flags win over variables, which win over the file', async () => {
  await write('mine.json', '{"port":1,"host":"file","maxQueue":1,"thresholds":{"ethical":0.5}}');
  const env = { ALIGN_SQUAD_PORT: '2', ALIGN_SQUAD_HOST: 'env', PATH: 'other', ALIGN_SQUAD_UPSTREAM: undefined };
  const config = await loadServerConfig({ cwd, configFile: join(cwd, 'mine.json'), env, flags: { port: 3, host: undefined } });
  expect(config).toMatchObject({ port: 3, host: 'env', maxQueue: 1, thresholds: { ethical: 0.5 } });
});

test('every variable is read by its kind', async () => {
  const env = {
    ALIGN_SQUAD_UPSTREAM: 'http://127.0.0.1:8000',
    ALIGN_SQUAD_UPSTREAM_KEY: 'up',
    ALIGN_SQUAD_KEYS: 'one, two',
    ALIGN_SQUAD_CRITERIA: 'ethical,helpful',
    ALIGN_SQUAD_PACK: 'default,mine',
    ALIGN_SQUAD_MAX_CONCURRENT: '3',
    ALIGN_SQUAD_TIMEOUT_MS: '1000',
    ALIGN_SQUAD_PLAYGROUND: 'false',
    ALIGN_SQUAD_FAIL_OPEN: 'helpful',
  };
  expect(await loadServerConfig({ cwd, env })).toMatchObject({
    upstream: 'http://127.0.0.1:8000',
    upstreamKey: 'up',
    keys: ['one', 'two'],
    criteria: ['ethical', 'helpful'],
    pack: ['default', 'mine'],
    maxConcurrent: 3,
    timeoutMs: 1000,
    playground: false,
    failOpen: ['helpful'],
  });
});

test('a configuration is one that the server takes', async () => {
  const { port: _port, host: _host, pack: _pack, ...options } = await loadServerConfig({ cwd, env: { ALIGN_SQUAD_KEYS: 'one', ALIGN_SQUAD_MODE: 'whole' } });
  await expect(createServer({ squad: doubleSquad(), ...options }).ready).resolves.toBeUndefined();
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a name that nothing reads', { ALIGN_SQUAD_KEY: 'secret' }, /ALIGN_SQUAD_KEY: nothing reads it/],
  ['no value', { ALIGN_SQUAD_KEYS: ' ' }, /ALIGN_SQUAD_KEYS to have a value/],
  ['a number that is none', { ALIGN_SQUAD_PORT: 'tcp://secret' }, /ALIGN_SQUAD_PORT to be a whole number/],
  ['a boolean that is none', { ALIGN_SQUAD_METRICS: 'secret' }, /ALIGN_SQUAD_METRICS to be true or false/],
  ['an empty item', { ALIGN_SQUAD_KEYS: 'secret,,' }, /`keys\.1`/],
  ['a port that is none', { ALIGN_SQUAD_PORT: '70000' }, /`port`/],
])('a variable with %s is refused without its value', async (_, env, message) => {
  const failure = loadServerConfig({ cwd, env });
  await expect(failure).rejects.toMatchObject(refused(expect.stringMatching(message)));
  await expect(failure).rejects.toMatchObject(refused(expect.not.stringContaining('secret')));
});

test.each([
  ['an unknown key', '{"upstreams":"secret"}'],
  ['a value of another kind', '{"port":"secret"}'],
  ['layers', '{"extends":"gh:secret/secret"}'],
  ['code', '{"squad":{"secret":1}}'],
  ['an environment of its own', '{"$production":{"port":1}}'],
])('a file with %s is refused without its value', async (_, text) => {
  await write('align-squad.config.json', text);
  const failure = loadServerConfig({ cwd });
  await expect(failure).rejects.toMatchObject(refused(expect.stringContaining('align-squad.config.json')));
  await expect(failure).rejects.toMatchObject(refused(expect.not.stringContaining('secret')));
});

test.each([
  ['is missing', undefined],
  ['is no JSON', '{"port":secret'],
])('a file that %s is refused', async (_, text) => {
  if (text !== undefined) await write('mine.json', text);
  await expect(loadServerConfig({ cwd, configFile: 'mine.json' })).rejects.toMatchObject(refused('The configuration file mine.json could not be read.'));
});

test('a file `.env` is not read, and the environment of the process stays as it is', async () => {
  await write('.env', 'ALIGN_SQUAD_PORT=4321\n');
  const before = { ...process.env };
  expect((await loadServerConfig({ cwd, env: process.env })).port).toBe(8787);
  expect(process.env).toEqual(before);
});
