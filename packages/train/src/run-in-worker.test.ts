import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runInWorker } from './run-in-worker.js';
import type { LineTask } from './test-tasks/line-task.js';
import { eventsOf, lineRun } from './trainer/test-support.js';
import type { TrainEvent } from './trainer/train-event.js';

const module = new URL('./test-tasks/line-task.ts', import.meta.url);

async function collect(task: LineTask, signal?: AbortSignal): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of runInWorker(task, { module, signal })) events.push(event);
  return events;
}

test('gives what the same work gives in this thread, and leaves the event loop free', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const events = await collect({ epochs: 20 });
  clearInterval(timer);
  const here = await lineRun({ epochs: 20 });
  await eventsOf(here);
  expect(events.at(-1)).toEqual({ type: 'pack-end', directory: 'out', metrics: { slope: here.weights.get('slope')?.data[0] } });
  expect(ticks).toBeGreaterThan(5);
});

test.each([
  ['fail', { code: 'invalid-dataset', message: 'It is said so.' }],
  ['crash', { code: 'training-failed', message: 'The training failed with a RangeError.' }],
  ['exit', { code: 'training-failed', message: expect.stringContaining('ended before') as string }],
] as const)('a task that ends with %s rejects', async (then, error) => {
  await expect(collect({ epochs: 1, then })).rejects.toMatchObject(error);
});

test('an abort stops the thread with the reason of the caller', async () => {
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    for await (const event of runInWorker({ epochs: 1_000_000 }, { module, signal: stop.signal })) if (event.type === 'step-end') stop.abort('enough');
  };
  await expect(run()).rejects.toBe('enough');
});

test('a caller that leaves early ends the thread', async () => {
  for await (const event of runInWorker({ epochs: 1_000_000 }, { module })) if (event.type === 'step-end') break;
});

test('a run that is killed at any moment goes on to the very same weights', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-kill-'));
  const task: LineTask = { epochs: 400, checkpoint: join(folder, 'checkpoint') };
  const script = `
    import { runTask } from ${JSON.stringify(module.href)};
    process.stdout.write('ready\\n');
    for await (const event of runTask(${JSON.stringify(task)}, { signal: new AbortController().signal })) if (event.type === 'checkpoint-end') process.stdout.write('.');
  `;
  try {
    for (const milliseconds of [30, 90, 10]) {
      const child = spawn(process.execPath, ['--conditions=@align-squad/source', '--import', 'tsx', '--input-type=module', '-e', script], {
        cwd: fileURLToPath(new URL('../../../', import.meta.url)),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // The first checkpoint is written; from then on any moment will do.
      await once(child.stdout, 'data');
      await once(child.stdout, 'data');
      await setTimeout(milliseconds);
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    const events = await collect(task);
    const whole = await lineRun({ epochs: 400 });
    await eventsOf(whole);
    expect(events[0]).toMatchObject({ type: 'train-start', resumedFromStep: expect.any(Number) as number });
    expect(events.at(-1)).toMatchObject({ metrics: { slope: whole.weights.get('slope')?.data[0] } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
