import { AlignSquadError } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createSquad, type Squad } from '../create-squad.js';
import { fakeAligner, fakeInspector } from '../test-support.js';
import { alignParts, type AlignPartsOptions } from './align-parts.js';
import type { StreamEvent } from './events.js';

type Part = { readonly id: string; readonly text: string } | { readonly tool: string } | { readonly done: string | true; readonly outcome?: string };

const answer = 'Ask first. Then say RUDE words. The train leaves at nine.';
const mended = answer.replace('RUDE', 'KIND');

function squadOf(): Squad {
  const criteria = ['ethical'];
  const inspector = fakeInspector({ criteria, judge: ({ response }) => (response.includes('RUDE') ? 0.9 : 0.1) });
  return createSquad({ inspectors: [inspector], aligners: [fakeAligner(criteria, ({ exchange }) => exchange.response.replaceAll('RUDE', 'KIND'))] });
}

function optionsOf(own: Partial<AlignPartsOptions<Part>> = {}): AlignPartsOptions<Part> {
  const squad = squadOf();
  return {
    roleOf: (part) => {
      if ('text' in part) return { kind: 'text', id: part.id, text: part.text };
      if ('tool' in part) return { kind: part.tool === 'raw' ? 'drop' : 'pass' };
      return { kind: 'end', ids: part.done === true ? undefined : [part.done] };
    },
    textPart: (text, like) => ({ ...like, text }),
    endPart: (part, ends) => ({ ...part, outcome: [...ends.values()].map(({ result }) => result.outcome).join() }),
    align: (source, _id, signal) => squad.alignStream(source, { signal }),
    ...own,
  };
}

async function* sourceOf(parts: readonly Part[], error?: Error): AsyncGenerator<Part> {
  yield* parts;
  if (error) throw error;
}

const piecesOf = (id: string, text: string, size: number): Part[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) => ({ id, text: text.slice(index * size, (index + 1) * size) }));

async function collect(parts: AsyncIterable<Part>): Promise<{ readonly parts: Part[]; readonly error?: unknown }> {
  const given: Part[] = [];
  try {
    for await (const part of parts) given.push(part);
    return { parts: given };
  } catch (error) {
    return { parts: given, error };
  }
}

const textOf = (parts: readonly Part[], id: string): string =>
  parts.flatMap((part) => ('text' in part && part.id === id ? [part.text] : [])).join('');

test('nothing that is flagged is given in any chunking, and the closing part waits for the text', async () => {
  for (let size = 1; size <= 64; size += 1) {
    const { parts } = await collect(alignParts(sourceOf([...piecesOf('a', answer, size), { done: 'a' }]), optionsOf()));
    expect(JSON.stringify(parts)).not.toContain('RUDE');
    expect(textOf(parts, 'a')).toBe(mended);
    expect(parts.at(-1)).toEqual({ done: 'a', outcome: 'aligned' });
  }
});

test('texts of two ids are aligned side by side, each in its order', async () => {
  const a = piecesOf('a', answer, 5);
  const b = piecesOf('b', `Good day. ${answer}`, 5);
  const mixed = Array.from({ length: Math.max(a.length, b.length) }, (_, index) => [a[index], b[index]]).flat().filter((part) => part !== undefined);
  const { parts } = await collect(alignParts(sourceOf([...mixed, { done: true }]), optionsOf()));
  expect(textOf(parts, 'a')).toBe(mended);
  expect(textOf(parts, 'b')).toBe(`Good day. ${mended}`);
  expect(parts.at(-1)).toEqual({ done: true, outcome: 'aligned,aligned' });
});

test('a part without text goes on while text is held, and one that repeats raw text is dropped', async () => {
  const source = sourceOf([{ id: 'a', text: 'Then say RU' }, { tool: 'raw' }, { tool: 'call' }, { id: 'a', text: 'DE words.' }, { done: 'a' }]);
  const { parts } = await collect(alignParts(source, optionsOf()));
  expect(parts[0]).toEqual({ tool: 'call' });
  expect(parts).not.toContainEqual({ tool: 'raw' });
  expect(textOf(parts, 'a')).toBe('Then say KIND words.');
});

test('text that nothing ended is released at the end, before the closing parts', async () => {
  const closing = (ends: ReadonlyMap<string, unknown>): Part[] => [{ tool: `ends ${ends.size}` }];
  const { parts } = await collect(alignParts(sourceOf(piecesOf('a', answer, 9)), optionsOf({ closing })));
  expect(textOf(parts, 'a')).toBe(mended);
  expect(parts.at(-1)).toEqual({ tool: 'ends 1' });
});

test.each([
  new RangeError('upstream'),
  new AlignSquadError('upstream', { code: 'source-failed', cause: new RangeError('socket') }),
])('a source that fails drops what is unfinished, and its own error comes last', async (failure) => {
  const { parts, error } = await collect(alignParts(sourceOf([{ id: 'a', text: 'Ask first. Then say RU' }], failure), optionsOf()));
  expect(error).toBe(failure);
  expect(textOf(parts, 'a')).not.toContain('Then');
});

test('what the alignment fails with comes to the reader, also when it reads nothing of the text', async () => {
  const failure = new RangeError('squad');
  const align = async function* (): AsyncGenerator<StreamEvent> {
    throw failure;
  };
  const pieces = piecesOf('a', answer.repeat(50), 3);
  expect((await collect(alignParts(sourceOf([...pieces, { done: 'a' }]), optionsOf({ align })))).error).toBe(failure);
  expect((await collect(alignParts(sourceOf([{ id: 'a', text: 'x' }]), optionsOf({ align })))).error).toBe(failure);
});

test('leaving early aborts the alignment and lets a source go that is still to answer', async () => {
  let signal: AbortSignal | undefined;
  let cancelled = false;
  const squad = squadOf();
  const align = (source: ReadableStream<string>, _id: string, given: AbortSignal): AsyncIterable<StreamEvent> => {
    signal = given;
    return squad.alignStream(source, { signal: given });
  };
  const source = new ReadableStream<Part>({
    start: (controller) => controller.enqueue({ id: 'a', text: 'Ask first. Then' }),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const part of alignParts(source, optionsOf({ align }))) {
    expect(part).toEqual({ id: 'a', text: 'Ask first. ' });
    break;
  }
  expect(signal?.aborted).toBe(true);
  await expect.poll(() => cancelled).toBe(true);
});

test('a source is read no further than a queue ahead of the parts that are taken', async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<Part> {
    for (;;) {
      read += 1;
      yield { tool: 'call' };
    }
  }
  for await (const _part of alignParts(endless(), optionsOf())) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    break;
  }
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(40);
});
