import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const index = new URL('./index.ts', import.meta.url).href;

// Reports every heavy module that is resolved; synchronous, because the hooks run on a thread of their own.
const hooks = `
import { writeSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  if (/^(onnxruntime-node|@huggingface\\/)/.test(specifier)) writeSync(1, 'loads ' + specifier + '\\n');
  return next(specifier, context);
}`;

async function run(body: string): Promise<string[]> {
  const script = `
import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
const onnx = await import(${JSON.stringify(index)});
${body}`;
  const flags = ['--conditions=@align-squad/source', '--import', 'tsx', '--input-type=module', '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

test('importing the package loads neither the ONNX runtime nor the tokenizers', async () => {
  expect(await run(`process.stdout.write(typeof onnx.createSession + '\\n');`)).toEqual(['function']);
});

test('a session loads the ONNX runtime and a tokenizer the tokenizers, each on first use', async () => {
  const lines = await run(`
await onnx.createSession(new Uint8Array(4)).catch((error) => process.stdout.write(error.code + '\\n'));
await onnx.createTextTokenizer({ model: { type: 'WordPiece', vocab: { a: 0 }, unk_token: 'a' } });`);
  expect(lines).toEqual(['loads onnxruntime-node', 'model-invalid', 'loads @huggingface/tokenizers']);
});
