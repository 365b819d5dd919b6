import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ThreadData } from './messages.js';

/** The thread of a session: a file beside this one while it runs from source, and the built file otherwise. */
export function sessionWorkerFile(): URL {
  return isSource() ? new URL('./session-worker.ts', import.meta.url) : new URL('./workers/session-worker.js', import.meta.url);
}

/** Starts a thread from its source or its build; a source needs what runs TypeScript, which a thread does not take over. */
export function startWorker(file: URL, workerData: ThreadData): Worker {
  const options = { workerData, execArgv: isSource() ? ['--conditions=@align-squad/source'] : [] };
  if (!file.pathname.endsWith('.ts')) return new Worker(file, options);
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace(/cjs$/, 'mjs');
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(file.href)}); })`;
  return new Worker(code, { ...options, eval: true });
}

function isSource(): boolean {
  return import.meta.url.endsWith('.ts');
}
