import { splitSentences, type Exchange, type Inspection, type Verdict } from '@align-squad/core';
import { expect, test } from 'vitest';
import { fakeAligner, fakeInspector, hashUnit, seededRandom } from '../test-support.js';
import { alignStream } from './align-stream.js';
import type { StreamEvent } from './events.js';
import type { AlignStreamOptions } from './options.js';
import { lastPassed } from './stream-record.js';
import { collect, inPieces, sourceOf, textOf } from './test-support.js';

const words = ['It is so. ', 'Dr. Smith 😀 left! ', 'No.\n', '\r\n', '- one\n', '1. Two\n', '```\na. B\n```\n', '你好。', 'مرحبا؟ ', 'e.g. 3.14 ', '"Go!" he said. ', 'x'.repeat(60), ' ', 'word '.repeat(9), '\ud83d', '\n\n'];
const message = '[withheld] ';

interface Scene {
  readonly seed: number;
  readonly text: string;
  readonly options: AlignStreamOptions;
  readonly failureRate: number;
}

function sceneOf(seed: number): Scene {
  const random = seededRandom(seed);
  const text = Array.from({ length: Math.floor(random() * 25) }, () => words[Math.floor(random() * words.length)]).join('');
  return {
    seed,
    text,
    failureRate: random() < 0.5 ? 0 : 0.2,
    options: {
      maxHoldCharacters: random() < 0.5 ? 2000 : 2 + Math.floor(random() * 80),
      contextCharacters: Math.floor(random() * 150),
      mode: random() < 0.1 ? 'whole' : 'sentence',
      closing: (['event', 'append', 'none'] as const)[Math.floor(random() * 3)],
      ...(random() < 0.5 && { onUnfixed: { block: message } }),
      ...(random() < 0.3 && { wholeOnly: ['b'] }),
    },
  };
}

/** Runs a scene whose backends judge, rewrite and fail by the text alone; keeps every text that passed on a criterion. */
async function runScene({ seed, text, options, failureRate }: Scene, size: () => number, after?: () => void): Promise<{ events: StreamEvent[]; passed: Map<string, Set<string>>; calls: number }> {
  const chance = (key: string): number => hashUnit(key, seed);
  const passed = new Map([['a', new Set<string>()], ['b', new Set<string>()]]);
  const judge = ({ response }: Exchange, criterion: string): number | Verdict => {
    const fault = chance(`fault ${criterion} ${response}`);
    if (fault < failureRate / 3) return Number.NaN;
    // a cast, because the contract forbids what is tested
    if (fault < failureRate / 2) return { status: 'fine' } as unknown as Verdict;
    const score = chance(`${criterion} ${response}`);
    if (score < 0.5) passed.get(criterion)?.add(response);
    return score;
  };
  const inner = fakeInspector({
    criteria: ['a', 'b'],
    judge,
    before: ([exchange]) => {
      if (chance(`throws ${exchange?.response}`) < failureRate / 2) throw new TypeError('x');
    },
  });
  const inspect: typeof inner.inspect = async (exchanges, callOptions): Promise<readonly Inspection[]> => {
    const inspections = await inner.inspect(exchanges, callOptions);
    return chance(`count ${exchanges[0]?.response}`) < failureRate / 4 ? [] : inspections;
  };
  const aligner = fakeAligner(['a', 'b'], ({ exchange, criterion, candidate }) => {
    const key = `${criterion} ${candidate} ${exchange.response}`;
    if (chance(`fails ${key}`) < failureRate) throw new TypeError('x');
    return chance(`none ${key}`) < 0.2 ? undefined : `r${Math.floor(chance(key) * 50)}. `;
  }, { maxCandidates: 3 });
  const source = sourceOf(inPieces(text, size), after);
  const { events, error } = await collect(alignStream({ inspectors: [{ ...inner, inspect }], aligners: [aligner] }, source, options));
  expect(error, `seed ${seed}`).toBeUndefined();
  return { events, passed, calls: inner.calls.length };
}

const timeless = (events: readonly StreamEvent[]): unknown =>
  JSON.parse(JSON.stringify(events, (key, value: unknown) => (/(?:M|m)(?:illiseconds|s)$/.test(key) ? 0 : value)));

test('windows, verdicts and released text do not depend on the pieces that the source gives', async () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const scene = sceneOf(seed);
    const random = seededRandom(seed);
    const whole = await runScene(scene, () => scene.text.length);
    for (const size of [() => 1, () => 1 + Math.floor(random() * 64)]) {
      const { events } = await runScene(scene, size);
      expect(timeless(events), `seed ${seed}`).toEqual(timeless(whole.events));
    }
  }
});

test('nothing is released that was not inspected and passed, whatever the backends do', async () => {
  const seen = new Set<string>();
  for (let seed = 1000; seed < 1300; seed += 1) {
    const scene = sceneOf(seed);
    const { events, passed } = await runScene(scene, () => 7);
    const criteria = scene.options.wholeOnly && scene.options.mode !== 'whole' ? ['a'] : ['a', 'b'];
    const before: string[] = [];
    let verdict: Extract<StreamEvent, { type: 'verdict' }> | undefined;
    let whole: string | undefined;
    let place = 0;
    for (const event of events) {
      if (event.type === 'verdict') {
        verdict = event;
        seen.add(event.outcome);
        expect(scene.text.slice(place, event.window.start).trim()).toBe('');
        place = event.window.end;
      }
      if (event.type === 'correction' && event.window === undefined) whole = event.response;
      if (event.type !== 'text') continue;
      if (whole !== undefined) {
        expect(event.text).toBe(`\n\n${whole}`);
        expect([...passed.values()].every((texts) => texts.has(whole ?? '')), `seed ${seed}`).toBe(true);
      } else if (event.text.trim() === '') {
        before.push(event.text);
      } else if (verdict?.outcome === 'clean' || verdict?.outcome === 'aligned') {
        const context = lastPassed(before, scene.options.contextCharacters ?? 0);
        for (const id of criteria) expect(passed.get(id)?.has(context + event.text), `seed ${seed}`).toBe(true);
        if (verdict.outcome === 'clean') expect(event.text).toBe(scene.text.slice(verdict.window.start, verdict.window.end));
        before.push(event.text);
      } else {
        expect(verdict, `seed ${seed}`).toBeDefined();
        expect(event.text, `seed ${seed}`).toBe(scene.options.onUnfixed && message);
      }
      verdict = undefined;
    }
    expect(scene.text.slice(place).trim(), `seed ${seed}`).toBe('');
    const end = events.at(-1);
    expect(end).toMatchObject({ type: 'end', released: textOf(events), result: { original: scene.text } });
    seen.add(end?.type === 'end' ? `end ${end.result.outcome}` : '');
  }
  expect([...seen].sort()).toEqual(['aligned', 'blocked', 'clean', 'end aligned', 'end blocked', 'end clean', 'end error', 'end unfixed', 'error']);
});

test('what came of a source before it failed does not depend on the pieces either', async () => {
  for (let seed = 2000; seed < 2040; seed += 1) {
    const scene = sceneOf(seed);
    const fail = (): void => {
      throw new TypeError('secret');
    };
    const [one, many] = await Promise.all([runScene(scene, () => scene.text.length, fail), runScene(scene, () => 3, fail)]);
    expect(timeless(many.events)).toEqual(timeless(one.events));
    expect(one.events.at(-2)).toEqual({ type: 'error', error: { code: 'source-failed', message: 'The source of the stream failed.' } });
    expect(one.events.at(-1)).toMatchObject({ type: 'end', result: { outcome: 'error', error: { code: 'source-failed' } } });
    expect(JSON.stringify(one.events)).not.toContain('secret');
  }
});

test('on ordinary text a window is a sentence', async () => {
  const text = 'Dr. Smith met J. R. R. Tolkien at 9 a.m. in St. Ives. They spoke!\n\n1. First.\n2. Second, e.g. 3.14.\n\n```js\na. B\n```\nHe said "Go!" and left. 你好。再见。';
  const inspector = fakeInspector({ criteria: ['a'], judge: () => 0 });
  const { events } = await collect(alignStream({ inspectors: [inspector], aligners: [] }, sourceOf(inPieces(text, () => 5))));
  expect(events.flatMap((event) => (event.type === 'verdict' ? [event.window] : []))).toEqual(splitSentences(text));
});
