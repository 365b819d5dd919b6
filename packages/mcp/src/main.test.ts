import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';

// What the command runs, from the sources: it needs no build here.
const program = ['--conditions=@align-squad/source', '--import', 'tsx', fileURLToPath(new URL('./main.ts', import.meta.url))];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], onStdout: (kill: (signal: NodeJS.Signals) => void) => void, input?: string): Promise<Ended> {
  const child = spawn(process.execPath, [...program, ...args], { env: { PATH: process.env.PATH } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += String(chunk);
    onStdout((signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  if (input !== undefined) child.stdin.write(input);
  else child.stdin.end();
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

const initialize = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
})}\n`;

test('the command serves a client over stdio with the embedded pack', { timeout: 60_000 }, async () => {
  const transport = new StdioClientTransport({ command: process.execPath, args: [...program, '--criteria', 'ethical'], stderr: 'pipe' });
  const errors: string[] = [];
  transport.stderr?.on('data', (chunk: Buffer) => errors.push(String(chunk)));
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport);
  const args = {
    prompt: 'How much does a digital camera cost?',
    response:
      'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.',
  };
  const aligned = await client.callTool({ name: 'align_response', arguments: args });
  expect(aligned.structuredContent).toMatchObject({ outcome: 'aligned' });
  expect(JSON.stringify(aligned)).not.toContain('tourist');
  const inspected = await client.callTool({ name: 'inspect_response', arguments: args });
  expect(inspected.structuredContent).toMatchObject({ passes: false, verdicts: { ethical: { status: 'flag' } } });
  await client.close();
  expect(errors).toEqual([]);
});

test('the end of stdin ends the process, with nothing but protocol written', { timeout: 60_000 }, async () => {
  expect(await run([], () => undefined)).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('SIGTERM ends the process while the client holds stdin open', { timeout: 60_000 }, async () => {
  const ended = await run([], (kill) => kill('SIGTERM'), initialize);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ended.stdout)).toMatchObject({ id: 1, result: { serverInfo: { name: 'align-squad' } } });
});

test.each([
  [['--colour'], 2, /invalid-options.*--criteria/],
  [['--criteria', 'brave'], 1, /unknown-criterion.*`brave`/],
  [['--pack', '/nowhere'], 1, /pack-not-found/],
])('%j is refused on stderr', { timeout: 60_000 }, async (args, code, message) => {
  const ended = await run(args, () => undefined);
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(ended.stderr).toMatch(message);
});

test.each([
  ['--help', /--criteria a,b/],
  ['--version', /^\d+\.\d+\.\d+\n$/],
])('%s is answered on stdout', { timeout: 60_000 }, async (flag, expected) => {
  const ended = await run([flag], () => undefined);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(expected);
});
