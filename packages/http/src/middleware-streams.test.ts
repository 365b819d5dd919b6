import { doubleSquad, leakCases, leakMark, leakText } from '@align-squad/embedded/testing';
import type { AlignResult, Squad } from '@align-squad/squad';
import { describe, expect, test } from 'vitest';
import { ask, events, expectBroken, json, plain, replyOf, servers, slowly } from './test-support.js';

const mended = leakText.replace(leakMark, 'KIND');

describe.each(servers)('%s', (name, start) => {
  describe('a reply in plain text', () => {
    test('that is there whole is aligned as a whole', async () => {
      const heard: AlignResult[] = [];
      const reply = await replyOf(start, { headers: plain, body: leakText }, { onResult: (result) => heard.push(result) });
      expect(reply.headers.get('x-align-squad')).toBe('aligned');
      expect(await reply.text()).toBe(mended);
      expect(heard).toMatchObject([{ original: leakText }]);
    });

    test('is released a sentence at a time while it is written, with no header held back by the end', async () => {
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const body = async function* (): AsyncGenerator<string> {
        yield 'Ask first. Then say ';
        await gate;
        yield 'RUDE words.';
      };
      const reply = await replyOf(start, { headers: plain, body });
      expect(reply.headers.get('x-align-squad')).toBe('stream');
      expect(reply.headers.get('content-length')).toBeNull();
      const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
      expect(await reader?.read()).toEqual({ done: false, value: 'Ask first. ' });
      release();
      let rest = '';
      for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) rest += next.value;
      expect(rest).toBe('Then say KIND words.');
    });

    test('never shows the mark in any chunking, also of bytes within characters', { timeout: 60_000 }, async () => {
      let pieces: readonly (string | Uint8Array)[] = [];
      const url = await start({ route: () => ({ headers: plain, body: slowly(pieces) }) });
      for (const { size } of leakCases()) {
        const bytes = Buffer.from(`☂ ${leakText}`);
        pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
        expect(await (await ask(url)).text()).toBe(`☂ ${mended}`);
      }
    });

    test('shows the mark where the policy keeps it, so the leak tests can fail', async () => {
      const { pieces } = leakCases()[6] ?? { pieces: [] };
      const reply = await replyOf(start, { headers: plain, body: slowly(pieces) }, { onUnfixed: 'keep', maxAttempts: 0 });
      expect(await reply.text()).toContain(leakMark);
    });

    test('of no type is text too', async () => {
      const reply = await replyOf(start, { body: slowly(leakCases()[8]?.pieces ?? []) });
      expect(await reply.text()).toBe(mended);
    });

    test('of which all was withheld holds the message', async () => {
      const reply = await replyOf(start, { headers: plain, body: slowly(['DU', 'LL.']) }, { withheldMessage: 'Withheld.' });
      expect(await reply.text()).toBe('Withheld.');
    });

    test('that is no UTF-8 is refused before anything of it was sent, and breaks off after that', async () => {
      const early = await replyOf(start, { headers: plain, body: slowly([Buffer.from('RUDE. \xff', 'latin1'), 'x']) });
      expect(early.status).toBe(500);
      expect(await early.text()).not.toContain('RUDE');
      const whole = await replyOf(start, { headers: plain, body: Buffer.from('Caf\xe9', 'latin1') });
      expect(whole.status).toBe(500);
      const charset = await replyOf(start, { headers: { 'content-type': 'text/plain; charset=iso-8859-1' }, body: slowly(['RUDE.']) });
      expect(await charset.text()).toContain('UTF-8');
      const late = await replyOf(start, { headers: plain, body: slowly(['Ask first. Then', ' go. And ', Buffer.from('RUDE \xff', 'latin1'), 'x']) });
      await expectBroken(name, late);
    });

    test('whose source fails breaks off, without the unfinished sentence', async () => {
      const failure = new RangeError('upstream');
      const failures: unknown[] = [];
      const reply = await replyOf(start, { headers: plain, body: slowly(['Ask first. Then say RU'], failure) }, { onFailure: (error) => failures.push(error) });
      await expectBroken(name, reply);
      // of Express the route itself breaks off its reply
      if (!name.startsWith('Express')) expect(failures).toEqual([failure]);
    });

    test('may be large, in large pieces', async () => {
      const sentence = 'The train leaves at nine in the evening. ';
      const text = `${sentence.repeat(300)}Be RUDE.`;
      const pieces = [text.slice(0, 9000), text.slice(9000)];
      const reply = await replyOf(start, { headers: plain, body: slowly(pieces) }, { contextCharacters: 0 });
      expect(await reply.text()).toBe(text.replace('RUDE', 'KIND'));
    });
  });

  describe('a stream of events', () => {
    const sse = (data: readonly string[]): string => data.map((one) => `data: ${one}\n\n`).join('');

    test('never shows the mark in any chunking of its text, and ends with what ended it', { timeout: 60_000 }, async () => {
      let body: readonly string[] = [];
      const url = await start({ route: () => ({ headers: events, body: slowly(body) }) });
      for (const { pieces } of leakCases()) {
        body = [...pieces.map((delta) => sse([JSON.stringify({ delta })])), sse(['[DONE]'])];
        const reply = await ask(url);
        const text = await reply.text();
        expect(text).not.toContain(leakMark);
        const data = text.trimEnd().split('\n\n').map((block) => block.replace('data: ', ''));
        expect(data.pop()).toBe('[DONE]');
        expect(data.map((one) => (JSON.parse(one) as { delta: string }).delta).join('')).toBe(mended);
        expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/);
      }
    });

    test('never shows the mark in any chunking of its bytes', { timeout: 60_000 }, async () => {
      const bytes = Buffer.from(sse([...leakText.split(/(?<= )/), '[DONE]']));
      let pieces: readonly Uint8Array[] = [];
      const url = await start({ route: () => ({ headers: events, body: slowly(pieces) }) });
      for (let size = 1; size <= 64; size += 1) {
        pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
        const text = await (await ask(url)).text();
        expect(text).not.toContain(leakMark);
        expect(text.replaceAll('data: ', '').replaceAll('\n\n', '')).toBe(`${mended}[DONE]`);
      }
    });

    // Fastify itself sends the head of a stream with its first chunk
    test.skipIf(name.startsWith('Fastify'))('sends its head before there is an event', async () => {
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const body = async function* (): AsyncGenerator<string> {
        await gate;
        yield sse(['Be RUDE.']);
      };
      const reply = await replyOf(start, { headers: events, body });
      expect(reply.headers.get('x-align-squad')).toBe('stream');
      release();
      expect(await reply.text()).toBe('data: Be KIND.\n\n');
    });
  });

  test('a client that leaves lets the source of the route go', async () => {
    let ended = false;
    const body = async function* (): AsyncGenerator<string> {
      try {
        for (;;) {
          yield 'The train leaves. ';
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      } finally {
        ended = true;
      }
    };
    const stop = new AbortController();
    const reply = await replyOf(start, { headers: plain, body }, {}, { signal: stop.signal });
    await reply.body?.getReader().read();
    stop.abort();
    await expect.poll(() => ended, { timeout: 5000 }).toBe(true);
  });

  test.each([
    ['whole', json, '{"answer":"x"}'],
    ['a stream', plain, slowly(['Good day. ', 'Go.'])],
    ['of events', events, slowly(['data: Good day.\n\n'])],
  ])('a client that leaves aborts a squad that hangs, with a reply that is %s', async (_what, headers, body) => {
    const signals: (AbortSignal | undefined)[] = [];
    const hang = (signal: AbortSignal | undefined): Promise<never> => {
      signals.push(signal);
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    const squad: Squad = {
      ...doubleSquad(),
      align: (_exchange, { signal } = {}) => hang(signal),
      // a stream that never gives anything
      async *alignStream(_source, { signal } = {}) {
        await hang(signal);
      },
    };
    const stop = new AbortController();
    const reply = replyOf(start, { headers, body }, { squad }, { signal: stop.signal });
    const left = reply.then((given) => given.text()).catch(() => undefined);
    await expect.poll(() => signals.length).toBe(1);
    stop.abort();
    await left;
    await expect.poll(() => signals[0]?.aborted).toBe(true);
  });
});
