import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createSquadFrom, doubleModels } from '@align-squad/embedded/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, type CliRun } from './test-support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-serve-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Served extends CliRun {
  readonly url: string;
  readonly log: string;
  readonly replies: readonly Response[];
}

/** Serves until the requests are answered, then stops it as SIGTERM does. */
async function serve(args: readonly string[], env: Record<string, string>, ask: (url: string) => Promise<readonly Response[]>): Promise<Served> {
  const stop = new AbortController();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const running = run(['serve', '--port', '0', ...args], { stdout, stderr, env, signal: stop.signal });
  const line = String(await Promise.race([new Promise((resolve) => stdout.once('data', resolve)), running.then(({ stderr: said }) => said)]));
  const url = /http:\/\/[^\s"]+/.exec(line)?.[0] ?? line;
  const replies = await ask(url);
  stop.abort('SIGTERM');
  const result = await running;
  return { ...result, stdout: line, url, log: String(stderr.read() ?? result.stderr), replies };
}

const align = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v1/align?secret=1`, { method: 'POST', headers: { 'content-type': 'application/json', connection: 'close', ...headers }, body: '{"response":"RUDE secret"}' });

test('serve says where it listens, aligns, logs a line a request, and stops with exit code 0', async () => {
  const { code, stdout, log, replies } = await serve([], {}, async (url) => [await align(url)]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
  expect(await replies[0]?.json()).toMatchObject({ response: 'KIND secret' });
  const [note, entry] = log.trimEnd().split('\n');
  expect(note).toMatch(/^no upstream/);
  expect(JSON.parse(entry ?? '')).toMatchObject({ method: 'POST', route: '/v1/align', status: 200, outcome: 'aligned' });
  expect(log).not.toContain('secret');
});

test('--json says it as JSON, --quiet logs nothing and --no-playground serves no page', async () => {
  const { stdout, log, replies } = await serve(['--json', '--quiet', '--no-playground'], { ALIGN_SQUAD_UPSTREAM: 'http://127.0.0.1:1' }, async (url) => [await fetch(url)]);
  expect(JSON.parse(stdout)).toEqual({ event: 'listening', url: expect.any(String), port: expect.any(Number) });
  expect([log, replies[0]?.status]).toEqual(['', 404]);
});

test('flags win over variables, which win over the file, and keys come from there', async () => {
  const config = join(folder, 'mine.json');
  await writeFile(config, JSON.stringify({ criteria: ['helpful'], keys: ['from-file'], playground: false }));
  const ask = async (url: string): Promise<readonly Response[]> => [
    await align(url, { authorization: 'Bearer from-file' }),
    await align(url, { authorization: 'Bearer from-env' }),
    await fetch(url),
  ];
  const { replies } = await serve(['--config', config, '--criteria', 'ethical'], { ALIGN_SQUAD_KEYS: 'from-env', ALIGN_SQUAD_CRITERIA: 'helpful', ALIGN_SQUAD_PLAYGROUND: 'true' }, ask);
  expect(replies.map(({ status }) => status)).toEqual([401, 200, 200]);
  expect(await replies[1]?.json()).toMatchObject({ response: 'KIND secret' });
});

test('--pack names the packs, and the squad is disposed of', async () => {
  const asked: unknown[] = [];
  const disposed: string[] = [];
  const createSquad = (options: Parameters<typeof createSquadFrom>[0]) => {
    asked.push(options);
    return createSquadFrom({}, async () => doubleModels(() => disposed.push('squad')));
  };
  const stop = new AbortController();
  const stdout = new PassThrough();
  stdout.once('data', () => stop.abort('SIGINT'));
  const { code } = await run(['serve', '--port', '0', '--pack', 'default', 'mine'], { stdout, signal: stop.signal, createSquad });
  expect([code, asked, disposed]).toEqual([0, [{ pack: [expect.any(URL), 'mine'] }], ['squad']]);
});

test.each<[string, string[], Record<string, string>, RegExp]>([
  ['a port that is none', ['--port', 'secret'], {}, /--port/],
  ['an upstream that is none', ['--upstream', 'secret'], {}, /`upstream`/],
  ['advisory criteria that are empty', ['--advisory', 'helpful,'], {}, /--advisory/],
  ['an advisory criterion that nothing serves', ['--advisory', 'unheard-of'], {}, /unknown-criterion/],
  ['criteria that are empty', ['--criteria', 'ethical,'], {}, /--criteria/],
  ['a criterion that nothing serves', ['--criteria', 'unheard-of'], {}, /unknown-criterion/],
  ['a configuration that is missing', ['--config', 'unheard-of.json'], {}, /unheard-of\.json could not be read/],
  ['an unknown variable', [], { ALIGN_SQUAD_KEY: 'secret' }, /ALIGN_SQUAD_KEY/],
  ['a key as an option', ['--keys', 'secret'], {}, /unknown option/],
])('%s is refused', async (_, args, env, message) => {
  const { code, stdout, stderr } = await run(['serve', ...args], { env });
  expect([code > 0, stdout]).toEqual([true, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('secret');
});
