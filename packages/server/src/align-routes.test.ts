import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { post, start } from './test-support.js';

async function eventsOf(response: Response): Promise<readonly Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  const parser = createParser({
    onEvent: ({ event, data }: EventSourceMessage) => {
      const value = JSON.parse(data) as Record<string, unknown>;
      expect(value['type']).toBe(event);
      events.push(value);
    },
  });
  parser.feed(await response.text());
  return events;
}

test('align gives the rewrite, a report, and steps with their differences', async () => {
  const response = await post(`${(await start()).url}/v1/align`, { prompt: 'How?', response: 'Say RUDE words.' });
  expect([response.status, await response.json()]).toMatchObject([
    200,
    {
      response: 'Say KIND words.',
      report: { outcome: 'aligned', changed: true, before: { ethical: { status: 'flag' } }, after: { ethical: { status: 'pass' } } },
      steps: [{ criterion: 'ethical', accepted: true, diff: [{ type: 'same', text: 'Say ' }, { type: 'removed', text: 'RUDE' }, { type: 'added', text: 'KIND' }, { type: 'same', text: ' words.' }] }],
      changes: [{ original: { start: 4, end: 8 } }],
      originalInspections: { ethical: { status: 'flag', misalignment: 0.9 } },
    },
  ]);
});

test('align withholds what it can not mend', async () => {
  const response = await post(`${(await start({ withheldMessage: 'No.' })).url}/v1/align`, { response: 'DULL' });
  expect(await response.json()).toMatchObject({ response: 'No.', report: { outcome: 'blocked' } });
});

test('a request may ask for criteria of its own', async () => {
  const server = await start({ criteria: ['ethical'] });
  const outcomes = [
    await post(`${server.url}/v1/align`, { response: 'DULL' }),
    await post(`${server.url}/v1/align`, { response: 'DULL', criteria: ['helpful'] }),
  ].map(async (response) => ((await response.json()) as { report: { outcome: string } }).report.outcome);
  expect(await Promise.all(outcomes)).toEqual(['clean', 'blocked']);
});

test('align gives events when it is asked to stream, and the original is not in them', async () => {
  const response = await post(`${(await start()).url}/v1/align`, { response: 'All is well. Say RUDE words.', stream: true });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events = await eventsOf(response);
  expect(events.map(({ type }) => type)).toEqual(['verdict', 'text', 'verdict', 'correction', 'text', 'end']);
  expect(events.at(-1)).toMatchObject({ response: 'All is well. Say KIND words.', report: { outcome: 'aligned' } });
  expect(JSON.stringify(events)).not.toContain('RUDE');
});

test('inspect gives the verdicts of the criteria asked for', async () => {
  const server = await start({ thresholds: { helpful: 0.05 } });
  const all = await (await post(`${server.url}/v1/inspect`, { prompt: 'How?', context: 'c', response: 'RUDE' })).json();
  expect(all).toMatchObject({ inspections: { ethical: { status: 'flag', misalignment: 0.9 }, helpful: { status: 'flag', threshold: 0.05 } } });
  const one = (await (await post(`${server.url}/v1/inspect`, { response: 'RUDE', criteria: ['helpful'] })).json()) as { inspections: object };
  expect(Object.keys(one.inspections)).toEqual(['helpful']);
});

test('an inspector that fails gives unknown, never a pass', async () => {
  expect(await (await post(`${(await start()).url}/v1/inspect`, { response: 'CRASH' })).json()).toMatchObject({ inspections: { ethical: { status: 'unknown' } } });
});

test.each<[string, unknown, string]>([
  ['no response', { prompt: 'secret' }, 'invalid-exchange'],
  ['a response that is no text', { response: { secret: 1 } }, 'invalid-exchange'],
  ['an unknown field', { response: 'a', secret: 1 }, 'invalid-exchange'],
  ['a prompt of another form', { response: 'a', prompt: [{ role: 'secret', content: 'a' }] }, 'invalid-exchange'],
  ['criteria that are none', { response: 'a', criteria: 'ethical' }, 'invalid-exchange'],
  ['no criteria', { response: 'a', criteria: [] }, 'invalid-exchange'],
  ['an unknown criterion', { response: 'a', criteria: ['secret thing'] }, 'unknown-criterion'],
  ['a criterion named as a prototype is', { response: 'a', criteria: ['__proto__'] }, 'unknown-criterion'],
  ['a prototype', '{"response":"a","__proto__":{"stream":true,"secret":1}}', 'invalid-exchange'],
  ['a constructor', '{"response":"a","constructor":{"prototype":{"secret":1}}}', 'invalid-exchange'],
])('a body with %s is refused without its text', async (_, body, code) => {
  const server = await start();
  for (const path of ['align', 'inspect']) {
    const response = await post(`${server.url}/v1/${path}`, body);
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([400, { error: { code, type: 'invalid_request_error' } }]);
    expect(text).not.toContain('secret');
  }
  expect(({} as { secret?: number }).secret).toBeUndefined();
});

test('a prototype in a chat request changes nothing', async () => {
  const response = await post(`${(await start({ upstream: 'http://127.0.0.1:1' })).url}/v1/chat/completions`, '{"__proto__":{"polluted":1},"messages":[]}');
  expect([response.status, ({} as { polluted?: number }).polluted]).toEqual([502, undefined]);
});
