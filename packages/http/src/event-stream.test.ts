import { describe, expect, test } from 'vitest';
import { eventTexts, formatEvent, readEvents, type EventPart } from './event-stream.js';
import type { EventOptions } from './options.js';

async function read(text: string, size = text.length): Promise<EventPart[]> {
  async function* pieces(): AsyncGenerator<string> {
    for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size);
  }
  const parts: EventPart[] = [];
  for await (const part of readEvents(pieces())) parts.push(part);
  return parts;
}

test.each(['\n', '\r\n', '\r'])('events with line breaks %j are read alike in every chunking', async (line) => {
  const text = [': ping with words', '', 'retry: 3000', '', 'event: note', 'id: 7', 'data: a', 'data:b', 'data', '', '', 'data:  c', '', 'data: d'].join(line);
  for (let size = 1; size <= text.length; size += 1) {
    expect(await read(text, size)).toEqual([
      { name: 'message', data: undefined },
      { name: 'message', data: undefined, retry: '3000' },
      { name: 'note', data: 'a\nb\n' },
      { name: 'message', data: ' c' },
      { name: 'message', data: 'd' },
    ]);
  }
});

test('events are written with all lines of their data, and without words of comments', () => {
  expect(formatEvent({ name: 'note', data: 'a\nb\r c' })).toBe('event: note\ndata: a\ndata: b\ndata:  c\n\n');
  expect(formatEvent({ name: 'message', data: 'a' })).toBe('data: a\n\n');
  expect(formatEvent({ name: 'message', data: undefined })).toBe(':\n\n');
  expect(formatEvent({ name: 'message', data: undefined, retry: '3000' })).toBe('retry: 3000\n\n');
});

describe('the role of an event', () => {
  const rolesOf = (options: EventOptions, ...events: readonly (readonly [string, string?])[]): unknown[] => {
    const { roleOf } = eventTexts(options);
    return events.map(([data, name = 'message']) => roleOf({ name, data }));
  };
  const text = (value: string, id = 'message'): unknown => ({ kind: 'text', id, text: value });

  test('is text at delta, at text, or of a string, in JSON', () => {
    expect(rolesOf({}, ['{"delta":"a"}'], ['{"text":"b"}'], ['"c"'])).toEqual([text('a'), text('b'), text('c')]);
  });

  test('is text as it is where the first is no JSON of an object or string', () => {
    expect(rolesOf({}, ['42'], ['"quoted"'], ['{"delta":"a"}'])).toEqual([text('42'), text('"quoted"'), text('{"delta":"a"}')]);
  });

  test('is to be dropped where JSON holds no text at its field, whatever else it holds', () => {
    expect(rolesOf({}, ['{"delta":{"content":"RUDE"}}'], ['RUDE'])).toEqual([{ kind: 'drop' }, { kind: 'drop' }]);
    const options = { field: 'choices.0.delta.content' };
    expect(rolesOf(options, ['RUDE'], ['{"choices":[{"delta":{"content":"a"}}]}'], ['{"choices":[{"delta":{}}]}'])).toEqual([{ kind: 'drop' }, text('a'), { kind: 'drop' }]);
  });

  test('is what its name was said to be, and text of another name is another text', () => {
    const options = { pass: ['ping', 'message'], end: ['done'] };
    expect(rolesOf(options, ['{"delta":"a"}'], ['{"role":"assistant"}'], ['x', 'ping'], ['{}', 'done'], ['{"delta":"b"}', 'other'], ['[DONE]'])).toEqual([
      text('a'),
      { kind: 'pass' },
      { kind: 'pass' },
      { kind: 'end' },
      text('b', 'other'),
      { kind: 'end' },
    ]);
  });
});

test('released text is written in the form of the event that it came with', () => {
  const json = eventTexts({ field: 'choices.0.delta.content' });
  const like = { name: 'message', data: '{"id":1,"choices":[{"delta":{"content":"a"}}]}' };
  json.roleOf(like);
  expect(json.textPart('b', like)).toEqual({ name: 'message', data: '{"id":1,"choices":[{"delta":{"content":"b"}}]}' });
  const strings = eventTexts({});
  strings.roleOf({ name: 'x', data: '"a"' });
  expect(strings.textPart('b', { name: 'x', data: '"a"' })).toEqual({ name: 'x', data: '"b"' });
});
