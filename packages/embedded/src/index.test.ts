import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Whether a fresh process that imports these modules has loaded the native library of onnxruntime. */
async function loadsRuntime(modules: string[]): Promise<string> {
  const script = `
    for (const name of ${JSON.stringify(modules)}) await import(name);
    process.stdout.write(String(process.report.getReport().sharedObjects.some((file) => file.includes('onnxruntime'))));
  `;
  const args = ['--conditions=@align-squad/source', '--import', 'tsx', '--input-type=module', '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  return stdout + stderr;
}

test('importing align-squad prints nothing and does not load the ONNX runtime', async () => {
  expect(await loadsRuntime([new URL('./index.ts', import.meta.url).href])).toBe('false');
});

test('the check above sees the runtime once it is loaded', async () => {
  const runtime = import.meta.resolve('onnxruntime-node');
  expect(await loadsRuntime([runtime])).toBe('true');
});
