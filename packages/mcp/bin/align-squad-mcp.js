#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const tsx = existsSync(source) ? resolveTsx() : undefined;

if (tsx === undefined) await import('../dist/main.js');
else runFromSource(tsx);

/** URL of the TypeScript loader; undefined where it is not installed, as in a clone without development packages. */
function resolveTsx() {
  try {
    return import.meta.resolve('tsx');
  } catch {
    return undefined;
  }
}

/** Runs the server from a clone that was never built. */
function runFromSource(loader) {
  const child = spawn(
    process.execPath,
    ['--conditions=@align-squad/source', '--import', loader, source, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', () => {
    process.stderr.write('error [missing-dependency]: Node could not be started again to run the sources.\n');
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code ?? 1;
    else {
      for (const name of signals) process.removeAllListeners(name);
      process.kill(process.pid, signal);
    }
  });
}
