import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ask, expectBroken, json, plain, replyOf, servers, slowly, type Sent } from './test-support.js';

describe.each(servers)('%s', (name, start) => {
  describe('a JSON reply', () => {
    test('gets the aligned answer in its field, and the outcome in a header', async () => {
      const reply = await replyOf(start, { headers: json, body: JSON.stringify({ id: 7, answer: 'Be RUDE. ☂' }) });
      expect(reply.status).toBe(200);
      expect(reply.headers.get('x-align-squad')).toBe('aligned');
      expect(reply.headers.get('content-type')).toBe(json['content-type']);
      const body = await reply.text();
      expect(body).toBe(JSON.stringify({ id: 7, answer: 'Be KIND. ☂' }));
      expect(reply.headers.get('content-length') ?? `${Buffer.byteLength(body)}`).toBe(`${Buffer.byteLength(body)}`);
    });

    test('comes to the byte as it was when its answer passes', async () => {
      const body = '{ "answer":"Good day.",  "big": 12345678901234567890 }';
      const reply = await replyOf(start, { headers: { ...json, etag: '"tag"' }, body });
      expect(await reply.text()).toBe(body);
      expect(reply.headers.get('etag')).toBe('"tag"');
      expect(reply.headers.get('x-align-squad')).toBe('clean');
    });

    test('loses what was said of its body when it changed', async () => {
      const reply = await replyOf(start, { headers: { ...json, etag: '"tag"', 'content-digest': 'sha-256=:eA==:', 'x-own': '1' }, body: '{"answer":"RUDE."}' });
      expect(reply.headers.get('etag')).toBeNull();
      expect(reply.headers.get('content-digest')).toBeNull();
      expect(reply.headers.get('x-own')).toBe('1');
      expect(await reply.json()).toEqual({ answer: 'KIND.' });
    });

    test('may hold its answer anywhere', async () => {
      const body = JSON.stringify({ choices: [{ message: { content: 'RUDE.' } }] });
      const byPath = await replyOf(start, { headers: json, body }, { answer: 'choices.0.message.content' });
      expect(await byPath.json()).toEqual({ choices: [{ message: { content: 'KIND.' } }] });
      const answer = { get: (value: unknown) => String(value), set: (_value: unknown, text: string) => text };
      const byFunction = await replyOf(start, { headers: { 'content-type': 'application/problem+json' }, body: '"RUDE."' }, { answer });
      expect(await byFunction.json()).toBe('KIND.');
    });

    test('is read whole when it comes in pieces, split within a character', async () => {
      const bytes = Buffer.from(JSON.stringify({ answer: 'Be RUDE. ☂' }));
      const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
      const reply = await replyOf(start, { headers: json, body: slowly(pieces) });
      expect(await reply.json()).toEqual({ answer: 'Be KIND. ☂' });
    });

    test.each(['{"reply":"RUDE."}', '{"answer":null}', '{"answer":["RUDE."]}', '"RUDE."', '{"answer":"RUDE."'])('without a text in its field is refused: %s', async (body) => {
      const failures: unknown[] = [];
      const reply = await replyOf(start, { headers: { ...json, 'cache-control': 'public' }, body }, { onFailure: (error) => failures.push(error) });
      expect(reply.status).toBe(500);
      expect(reply.headers.get('cache-control')).toBe('no-store');
      expect(await reply.json()).toEqual({ error: { code: 'invalid-exchange', message: expect.not.stringContaining('RUDE') } });
      expect(failures).toMatchObject([{ code: 'invalid-exchange' }]);
    });

    test('without a text in its field passes where the options say so, but not when it is broken', async () => {
      expect(await (await replyOf(start, { headers: json, body: '{"ok":true}' }, { onMissing: 'pass' })).json()).toEqual({ ok: true });
      expect((await replyOf(start, { headers: json, body: '{"answer":"RUDE."' }, { onMissing: 'pass' })).status).toBe(500);
    });

    test('whose answer is blank passes', async () => {
      expect(await (await replyOf(start, { headers: json, body: '{"answer":" "}' })).text()).toBe('{"answer":" "}');
    });
  });

  describe('what passes untouched', () => {
    test.each<[string, Sent]>([
      ['a page', { headers: { 'content-type': 'text/html; charset=utf-8', etag: '"t"' }, body: '<p>RUDE</p>' }],
      ['bytes', { headers: { 'content-type': 'application/octet-stream' }, body: Buffer.from('RUDE \xff', 'latin1') }],
      ['a stream of bytes', { headers: { 'content-type': 'image/png' }, body: slowly([Buffer.from('RUDE'), Buffer.alloc(200_000, 1)]) }],
      ['an error', { status: 422, headers: json, body: '{"answer":"RUDE."}' }],
      ['what was not found', { status: 404, headers: plain, body: 'RUDE.' }],
    ])('%s', async (_what, sent) => {
      const expected = typeof sent.body === 'function' ? Buffer.concat([Buffer.from('RUDE'), Buffer.alloc(200_000, 1)]) : Buffer.from(sent.body ?? '');
      const reply = await replyOf(start, sent);
      expect(reply.status).toBe(sent.status ?? 200);
      expect(reply.headers.get('x-align-squad')).toBeNull();
      expect(Buffer.from(await reply.arrayBuffer()).equals(expected)).toBe(true);
      if (sent.headers?.etag !== undefined) expect(reply.headers.get('etag')).toBe(sent.headers.etag);
    });

    test('a reply without a body', async () => {
      const none = await replyOf(start, { status: 204 });
      expect(none.status).toBe(204);
      const empty = await replyOf(start, { status: 200 });
      expect([empty.status, await empty.text()]).toEqual([200, '']);
      const blank = await replyOf(start, { status: 200, headers: plain, body: slowly([]) });
      expect([blank.status, await blank.text()]).toEqual([200, '']);
    });

    test('the head of a reply', async () => {
      const reply = await fetch(await start({ route: () => ({ headers: json, body: '{"answer":"RUDE."}' }) }), { method: 'HEAD' });
      expect([reply.status, await reply.text()]).toEqual([200, '']);
      expect(reply.headers.get('content-type')).toBe(json['content-type']);
    });
  });

  test('a reply that is compressed already is refused, with what to do', async () => {
    const reply = await replyOf(start, { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync('{"answer":"RUDE."}') });
    expect(reply.status).toBe(500);
    expect(reply.headers.get('content-encoding')).toBeNull();
    expect(await reply.text()).toContain('inside the compressor');
    const streamed = await replyOf(start, { headers: { ...plain, 'content-encoding': 'gzip' }, body: slowly([gzipSync('RUDE.'), Buffer.alloc(100_000)]) });
    expect(streamed.status).toBe(500);
    await streamed.text();
  });

  describe('a squad that fails', () => {
    test('withholds the answer, or keeps it where the policy is open', async () => {
      const sent = { headers: json, body: '{"answer":"CRASH."}' };
      const closed = await replyOf(start, sent, { withheldMessage: 'Withheld.' });
      expect(closed.headers.get('x-align-squad')).toBe('error');
      expect(await closed.json()).toEqual({ answer: 'Withheld.' });
      const open = await replyOf(start, sent, { onError: 'keep' });
      expect(await open.json()).toEqual({ answer: 'CRASH.' });
    });

    test('by its policy gives an error of its own', async () => {
      const whole = await replyOf(start, { headers: json, body: '{"answer":"DULL."}' }, { onUnfixed: 'throw' });
      expect([whole.status, await whole.json()]).toMatchObject([500, { error: { code: 'blocked' } }]);
      const stream = await replyOf(start, { headers: plain, body: slowly(['DULL. ', 'Good day.']) }, { onUnfixed: 'throw' });
      expect([stream.status, await stream.json()]).toMatchObject([500, { error: { code: 'blocked' } }]);
      const late = await replyOf(start, { headers: plain, body: slowly(['Good day. ', 'DULL. ', 'Good night.']) }, { onUnfixed: 'throw' });
      await expectBroken(name, late);
    });

    test('is told of, and an error of the caller says nothing to the client', async () => {
      const failures: unknown[] = [];
      const failure = new RangeError('Secret');
      const context = (): string => {
        throw failure;
      };
      const reply = await replyOf(start, { headers: json, body: '{"answer":"RUDE."}' }, { context, onFailure: (error) => failures.push(error) });
      expect([reply.status, await reply.json()]).toEqual([500, { error: { code: 'aligner-failed', message: 'The reply could not be aligned.' } }]);
      expect(failures).toEqual([failure]);
    });

    test('for a criterion that is unknown refuses', async () => {
      const url = await start({ route: () => ({ headers: json, body: '{"answer":"x"}' }), criteria: ['brave'] });
      expect(await (await ask(url)).json()).toMatchObject({ error: { code: 'unknown-criterion' } });
    });
  });

  test('what is asked reaches the squad and the functions of the options', async () => {
    const seen: unknown[] = [];
    const url = await start({
      route: (question) => ({ headers: json, body: JSON.stringify({ answer: `You asked ${question}` }) }),
      options: {
        context: (request) => {
          seen.push([request.method, new URL(request.url, 'http://x').pathname, request.headers['content-type'], request.body]);
          return 'Manners.';
        },
      },
    });
    expect(await (await ask(url, 'why?')).json()).toEqual({ answer: 'You asked why?' });
    expect(seen).toEqual([['POST', '/', 'application/json', { question: 'why?' }]]);
  });

  test('requests at the same time do not mix', async () => {
    const url = await start({
      route: (question) => (question.endsWith('j') ? { headers: json, body: JSON.stringify({ answer: `RUDE ${question}.` }) } : { headers: plain, body: slowly(['RU', 'DE ', question, '.']) }),
    });
    const questions = Array.from({ length: 24 }, (_, index) => `${index}${index % 2 === 0 ? 'j' : 't'}`);
    const texts = await Promise.all(questions.map(async (question) => (await ask(url, question)).text()));
    expect(texts).toEqual(questions.map((question) => (question.endsWith('j') ? `{"answer":"KIND ${question}."}` : `KIND ${question}.`)));
  });
});
