import type { PartRole } from '@align-squad/squad';
import { keyPath, type AnswerField } from './answer-field.js';
import type { EventOptions } from './options.js';

/** One block of a `text/event-stream`. */
export interface EventPart {
  /** `message` when it has none. */
  readonly name: string;
  /** Lines of data, joined; undefined for comments and the like. */
  readonly data: string | undefined;
  /** Milliseconds before a client connects again. */
  readonly retry?: string | undefined;
}

/** Splits text into events; an unfinished one at the end counts too. Comments lose their words, ids are left out. */
export async function* readEvents(source: AsyncIterable<string>): AsyncGenerator<EventPart, void, undefined> {
  let held = '';
  for await (const piece of source) {
    held += piece;
    // a carriage return at the end may be the first half of a line break
    const end = held.endsWith('\r') ? held.length - 1 : held.length;
    const blocks = held.slice(0, end).replace(/\r\n?/g, '\n').split('\n\n');
    held = (blocks.pop() ?? '') + held.slice(end);
    for (const block of blocks) yield* parseBlock(block);
  }
  yield* parseBlock(held.replace(/\r\n?/g, '\n'));
}

function parseBlock(block: string): readonly EventPart[] {
  const lines = block.split('\n').filter((line) => line !== '');
  if (lines.length === 0) return [];
  const valuesOf = (field: string): string[] =>
    lines.flatMap((line) => (line === field ? '' : line.startsWith(`${field}:`) ? line.slice(field.length + 1).replace(/^ /, '') : []));
  const data = valuesOf('data');
  const retry = valuesOf('retry').find((value) => /^\d+$/.test(value));
  return [{ name: valuesOf('event').at(-1) || 'message', data: data.length === 0 ? undefined : data.join('\n'), retry }];
}

/** The block of an event, with the blank line after it. */
export function formatEvent({ name, data, retry }: EventPart): string {
  const lines = [
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    ...(data === undefined ? (retry === undefined ? [':'] : []) : name === 'message' ? [] : [`event: ${name}`]),
    ...(data === undefined ? [] : data.split(/\r\n?|\n/).map((line) => `data: ${line}`)),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** How the events of one stream are read and written by `alignParts`. */
export interface EventTexts {
  readonly roleOf: (part: EventPart) => PartRole;
  readonly textPart: (text: string, like: EventPart) => EventPart;
}

const ownText: AnswerField = { get: (body) => (typeof body === 'string' ? body : undefined), set: (_body, text) => text };

/**
 * Finds the texts of one stream. Whether data is JSON is settled by the first event that is JSON of an object or string,
 * or no such JSON; an event whose text can't be found is dropped, unless its name says that it has none.
 */
export function eventTexts({ field, pass = [], end = [] }: EventOptions): EventTexts {
  const fields = field === undefined ? [keyPath('delta'), keyPath('text'), ownText] : [keyPath(field)];
  let isJson = field === undefined ? undefined : true;
  const bodyOf = (data: string): unknown => {
    const body = parseJson(data);
    isJson ??= (typeof body === 'object' && body !== null && !Array.isArray(body)) || typeof body === 'string';
    return body;
  };
  const textOf = (data: string): string | undefined => {
    if (data === '') return undefined;
    const body = bodyOf(data);
    return isJson === true ? fields.map((one) => one.get(body)).find((text) => text !== undefined) : data;
  };
  const namedRole = (name: string): PartRole | undefined =>
    pass.includes(name) ? { kind: 'pass' } : end.includes(name) ? { kind: 'end' } : undefined;
  return {
    roleOf: ({ name, data }) => {
      if (data === undefined) return { kind: 'pass' };
      if (data === '[DONE]') return { kind: 'end' };
      const named = namedRole(name);
      if (named !== undefined && name !== 'message') return named;
      const text = textOf(data);
      return text === undefined ? (named ?? { kind: 'drop' }) : { kind: 'text', id: name, text };
    },
    textPart: (text, { name, data = '' }) => {
      if (isJson !== true) return { name, data: text };
      const body = parseJson(data);
      const found = fields.find((one) => one.get(body) !== undefined);
      return { name, data: JSON.stringify(found === undefined ? text : found.set(body, text)) };
    },
  };
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
