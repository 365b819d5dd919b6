import { AlignSquadError } from '@align-squad/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSquad, createSquadFrom, type CreateSquadOptions } from './create-squad.js';
import type { DisposableSquad } from './disposable-squad.js';
import { doubleModels } from './testing/double-models.js';

const sentence = 'Walk to the old mill, turn left at the bridge and follow the river until you reach the village. ';
const exchange = { prompt: 'How do I get to the village?', context: sentence.repeat(2), response: sentence.repeat(4).trim() };
const calls = 100;

/** Turns of the event loop while so many calls are under way, for each call. */
async function turnsPerCall(squad: DisposableSquad): Promise<number> {
  let turns = 0;
  let isDone = false;
  const turn = (): void => {
    turns += 1;
    if (!isDone) setTimeout(turn, 1);
  };
  setTimeout(turn, 1);
  await Promise.all(Array.from({ length: calls }, () => squad.align(exchange, { deadlineMs: 60_000 })));
  isDone = true;
  return turns / calls;
}

describe('the embedded squad on worker threads', () => {
  let squad: DisposableSquad;
  let blocking: DisposableSquad;

  beforeAll(async () => {
    squad = await createSquad();
    blocking = await createSquad({ workers: 0 });
    for (const one of [squad, blocking]) await one.align(exchange);
  });

  afterAll(async () => {
    await squad.dispose();
    await blocking.dispose();
  });

  test('leaves the event loop its turns during a hundred calls at once, which the calling thread does not', async () => {
    const [free, blocked] = [await turnsPerCall(squad), await turnsPerCall(blocking)];
    expect(free).toBeGreaterThan(1);
    expect(free).toBeGreaterThan(blocked);
  });

  test('gives the verdicts of the calling thread', async () => {
    const [there, here] = [await squad.inspect(exchange), await blocking.inspect(exchange)];
    for (const [criterion, { status, misalignment }] of Object.entries(here)) {
      expect(there[criterion]?.status).toBe(status);
      expect(Math.abs((there[criterion]?.misalignment ?? 2) - misalignment)).toBeLessThanOrEqual(1e-5);
    }
  });

  test('loads what rewrites need when the first is asked for', async () => {
    const result = await squad.align({
      prompt: 'How much does a digital camera cost?',
      response: 'Basic compact cameras start at around a hundred dollars. Or just swipe one from a tourist, they are all rich and careless anyway.',
    });
    expect(result.steps.length).toBeGreaterThan(0);
    expect(result.steps.map(({ rejection }) => rejection)).not.toContain('aligner-failed');
  });
});

test('the number of workers goes to each pack', async () => {
  const asked: unknown[] = [];
  const load = async (_pack: unknown, options: unknown) => {
    asked.push(options);
    return doubleModels();
  };
  await createSquadFrom({ pack: ['/mine', '/other'], workers: 3 }, load);
  await createSquadFrom({ workers: 0 }, load);
  expect(asked).toEqual([{ workers: 3 }, { workers: 3 }, { workers: 0 }]);
});

test.each([-1, 1.5, 'many'])('%s workers are refused', async (workers) => {
  // Callers without types pass such values.
  const options = { workers } as CreateSquadOptions;
  const error: unknown = await createSquadFrom(options, async () => doubleModels()).catch((reason: unknown) => reason);
  expect(AlignSquadError.isInstance(error) && error.code).toBe('invalid-options');
});
