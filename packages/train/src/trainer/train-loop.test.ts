import { mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float32 } from '@align-squad/onnx';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventsOf, lineBatches, lineRun } from './test-support.js';
import type { TrainEvent } from './train-event.js';
import { trainLoop, type TrainLoopOptions } from './train-loop.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-loop-'));
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint = (everySteps = 3, fingerprint = 'one') => ({ path: join(folder, 'checkpoint'), everySteps, fingerprint });
const slopeOf = ({ weights }: TrainLoopOptions<number>): number => weights.get('slope')?.data[0] ?? Number.NaN;
const ofType = <T extends TrainEvent['type']>(events: readonly TrainEvent[], type: T) => events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);

describe('a run', () => {
  test('learns, and says how far it is', async () => {
    let time = 0;
    const options = await lineRun({ epochs: 30, now: () => (time += 500) });
    const events = await eventsOf(options);
    expect(slopeOf(options)).toBeCloseTo(3, 1);
    expect(events[0]).toEqual({ type: 'train-start', steps: 150, parameters: 1 });
    expect(events.at(-1)).toMatchObject({ type: 'train-end', reason: 'completed', step: 150 });
    expect(ofType(events, 'step-end')[9]).toMatchObject({ step: 10, steps: 150, epoch: 2, tokensPerSecond: 8, secondsLeft: 70 });
  });

  test('sums batches up where it accumulates', async () => {
    const events = await eventsOf(await lineRun({ accumulation: 2, epochs: 2 }));
    expect(ofType(events, 'step-end').map(({ step, epoch }) => [step, epoch])).toEqual([[1, 1], [2, 1], [3, 1], [4, 2], [5, 2], [6, 2]]);
  });

  test('keeps the best weights', async () => {
    let look = 0;
    const seen: number[] = [];
    const options = await lineRun({
      evaluate: async (weights) => {
        seen.push(weights.get('slope')?.data[0] ?? 0);
        look += 1;
        return { score: look === 2 ? 1 : 0, metrics: { look } };
      },
    });
    const events = await eventsOf(options);
    expect(ofType(events, 'evaluation-end').map(({ step, isBest }) => [step, isBest])).toEqual([[5, true], [10, true], [15, false], [20, false]]);
    expect(slopeOf(options)).toBe(seen[1]);
    expect(events.at(-1)).toMatchObject({ bestScore: 1, bestStep: 10 });
  });

  test('stops early where looks bring nothing', async () => {
    const events = await eventsOf(await lineRun({ epochs: 50, patience: 2, evaluateEverySteps: 4, evaluate: async () => ({ score: 0, metrics: {} }) }));
    expect(events.at(-1)).toMatchObject({ type: 'train-end', reason: 'early-stopping', step: 12, bestStep: 4 });
  });

  test('without batches is refused', async () => {
    await expect(eventsOf(await lineRun({ epochBatches: () => [] }))).rejects.toMatchObject({ code: 'invalid-dataset' });
  });

  test('whose loss is not finite stops with step and records, and keeps the best weights and the checkpoint', async () => {
    const broken = (epoch: number) => lineBatches(epoch).map((batch, index) => (epoch === 2 && index === 1
      ? { ...batch, records: Array.from({ length: 12 }, (_, at) => at + 40), inputs: { ...batch.inputs, x: float32(new Float32Array(4).fill(Number.NaN), [4, 1]) } }
      : batch));
    let best = 0;
    const options = await lineRun({
      epochBatches: broken,
      checkpoint: checkpoint(5),
      evaluate: async (weights) => {
        best = weights.get('slope')?.data[0] ?? 0;
        return { score: 1, metrics: {} };
      },
    });
    await expect(eventsOf(options)).rejects.toMatchObject({
      code: 'training-failed',
      message: expect.stringMatching(/step 7\b.*40, 41, 42, 43, 44, 45, 46, 47, 48, 49 and others/) as string,
    });
    expect(slopeOf(options)).toBe(best);
    expect((await readFile(join(folder, 'checkpoint'))).length).toBeGreaterThan(0);
  });
});

describe('a run that is stopped', () => {
  /** Stops after a number of steps. */
  async function stopAfter(steps: number, changes: Partial<TrainLoopOptions<number>> = {}): Promise<unknown> {
    const stop = new AbortController();
    const options = await lineRun({ checkpoint: checkpoint(), signal: stop.signal, ...changes });
    try {
      for await (const event of trainLoop(options)) if (event.type === 'step-end' && event.step === steps) stop.abort('enough');
      return undefined;
    } catch (reason) {
      return reason;
    } finally {
      await options.step.dispose();
    }
  }

  test.each([1, 3, 7, 13])('after step %d goes on to the very same weights', async (steps) => {
    const evaluate = async (weights: TrainLoopOptions<number>['weights']) => ({ score: -Math.abs((weights.get('slope')?.data[0] ?? 0) - 3), metrics: {} });
    const whole = await lineRun({ evaluate });
    const wholeEvents = await eventsOf(whole);
    expect(await stopAfter(steps, { evaluate })).toBe('enough');
    const resumed = await lineRun({ evaluate, checkpoint: checkpoint() });
    const events = await eventsOf(resumed);
    expect(events[0]).toMatchObject({ resumedFromStep: steps });
    expect(slopeOf(resumed)).toBe(slopeOf(whole));
    expect(ofType(events, 'step-end').map(({ loss }) => loss)).toEqual(ofType(wholeEvents, 'step-end').slice(steps).map(({ loss }) => loss));
  });

  test('refuses the checkpoint of another configuration', async () => {
    await stopAfter(2);
    await expect(eventsOf(await lineRun({ checkpoint: checkpoint(3, 'two') }))).rejects.toMatchObject({
      code: 'training-failed',
      message: expect.stringContaining('`restart`') as string,
    });
  });

  test.each([
    ['cut short', (path: string) => truncate(path, 40)],
    ['something else', (path: string) => writeFile(path, 'not a checkpoint')],
  ])('refuses a checkpoint that is %s', async (_what, damage) => {
    await stopAfter(2);
    await damage(join(folder, 'checkpoint'));
    await expect(eventsOf(await lineRun({ checkpoint: checkpoint() }))).rejects.toMatchObject({ code: 'training-failed' });
  });

  test('does not mind what a crash left half written', async () => {
    await stopAfter(2);
    await writeFile(join(folder, 'checkpoint.part'), 'half');
    expect((await eventsOf(await lineRun({ checkpoint: checkpoint() })))[0]).toMatchObject({ resumedFromStep: 2 });
  });
});

// Linux alone has a device that is always full.
test.runIf(process.platform === 'linux')('a full disk stops the run, and the former checkpoint stays whole', async () => {
  const path = join(folder, 'checkpoint');
  const options = await lineRun({ checkpoint: checkpoint(2) });
  const events: TrainEvent[] = [];
  const run = async (): Promise<void> => {
    for await (const event of trainLoop(options)) {
      events.push(event);
      if (event.type === 'checkpoint-end') await symlink('/dev/full', `${path}.part`);
    }
  };
  await expect(run()).rejects.toMatchObject({ code: 'training-failed', message: expect.stringContaining('disk is full') as string });
  await options.step.dispose();
  expect(ofType(events, 'checkpoint-end')).toEqual([{ type: 'checkpoint-end', step: 2 }]);
  expect((await eventsOf(await lineRun({ checkpoint: checkpoint(100) })))[0]).toMatchObject({ resumedFromStep: 2 });
});
