import type { EventPart, EventProtocol } from './align-events.js';
import type { AlignedTexts } from './aligned-texts.js';
import { errorOnly, isJson, keepFields, malformed, type Json } from './json.js';
import { mendItem, mendPart, mendResponse, textId, textOfPart, textsOfItem, textsOfResponse, type TextPlace } from './response-object.js';

type Part = Pick<EventPart, 'role' | 'data' | 'isHidden'>;
type KnownText = Pick<TextPlace, 'id' | 'text'>;

/** What is known of the texts of one answer, by id. */
interface TextMarks {
  readonly seen: Set<string>;
  readonly ended: Set<string>;
}

const places = ['item_id', 'output_index', 'content_index', 'sequence_number'];
const starts = ['response.created', 'response.in_progress', 'response.queued'];
const ends = ['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled'];
// known to hold no text of the answer: calls of tools, refusals, errors
const passed =
  /^(error|keepalive|ping|response\.(refusal|function_call_arguments|custom_tool_call_input|mcp_[a-z_]+|code_interpreter_call(_code)?|web_search_call|file_search_call|image_generation_call|shell_call_[a-z_]+|compaction)\.[a-z_]+)$/;

/** Reads and writes the events of a response; all that repeat a text give the aligned one, and the last has the reports. */
export function responseProtocol(texts: AlignedTexts): EventProtocol {
  const marks: TextMarks = { seen: new Set(), ended: new Set() };
  let next: number | undefined;
  return {
    split: (data) => splitEvent(data, texts, marks),
    textData: (text, like) => ({ type: 'response.output_text.delta', ...keepFields(like, [...places, 'obfuscation']), delta: text, logprobs: [] }),
    endData: (data) => endData(data, texts),
    writeData: (data) => {
      // events were dropped and texts cut anew
      if (typeof data['sequence_number'] !== 'number') return data;
      next = next === undefined ? data['sequence_number'] : next + 1;
      return { ...data, sequence_number: next };
    },
  };
}

function splitEvent(data: Json, texts: AlignedTexts, marks: TextMarks): readonly Part[] {
  const { type, item, part } = data;
  const pass = (given: Json): Part => ({ role: { kind: 'pass' }, data: given });
  const end = (known: readonly KnownText[]): Part[] => {
    const unseen = unseenTexts(known, data, texts, marks);
    const ids = known.map(({ id }) => id);
    for (const id of ids) marks.ended.add(id);
    return [...unseen, { role: { kind: 'end', ids }, data }];
  };
  const piece = (text: unknown): Part[] => {
    if (typeof text !== 'string') throw malformed('to have its text as a string');
    if (texts.isJsonMode || text === '') return [pass(data)];
    // pieces judged one by one would show what they spell together
    if (marks.ended.has(idOf(data))) throw malformed('to have no text after its end');
    marks.seen.add(idOf(data));
    return [{ role: { kind: 'text', id: idOf(data), text }, data }];
  };
  switch (type) {
    case 'response.output_text.delta':
      return piece(data['delta']);
    case 'response.output_text.done':
      return end([{ id: idOf(data), text: stringOf(data['text']) }]);
    case 'response.content_part.added': {
      const text = textOfPart(part) ?? '';
      if (isReasoning(part)) return [];
      if (texts.isJsonMode && text !== '') return [pass(data)];
      return [pass(eventOf(data, { part: mendPart(part, undefined) })), ...(text === '' ? [] : piece(text))];
    }
    case 'response.content_part.done':
      return isReasoning(part) ? [] : end([{ id: idOf(data), text: textOfPart(part) ?? '' }]);
    case 'response.output_item.added':
      return [pass(eventOf(data, { item: mendItem(item, indexOf(data), texts) }))];
    case 'response.output_item.done':
      return end(textsOfItem(item, indexOf(data)));
    default:
      return splitOther(data, texts, marks);
  }
}

function splitOther(data: Json, texts: AlignedTexts, marks: TextMarks): readonly Part[] {
  const type = stringOf(data['type']);
  if (starts.includes(type)) return [{ role: { kind: 'pass' }, data: { ...data, response: mendResponse(responseOf(data), texts, false) } }];
  if (ends.includes(type)) {
    const unseen = unseenTexts(textsOfResponse(responseOf(data)), data, texts, marks);
    for (const id of marks.seen) marks.ended.add(id);
    return [...unseen, { role: { kind: 'end' }, data }];
  }
  const given = passed.test(type) ? data : errorOnly(data, 'type');
  return given ? [{ role: { kind: 'pass' }, data: given }] : [];
}

/** Texts that came in no delta, read from the event that has all of them; clients get them from that event too. */
function unseenTexts(known: readonly KnownText[], data: Json, texts: AlignedTexts, { seen }: TextMarks): readonly Part[] {
  const unseen = known.filter(({ id, text }) => text !== '' && !seen.has(id));
  for (const { id, text } of unseen) {
    seen.add(id);
    if (texts.isJsonMode) texts.skip(id, text);
  }
  return texts.isJsonMode ? [] : unseen.map(({ id, text }) => ({ role: { kind: 'text', id, text }, data, isHidden: true }));
}

function endData(data: Json, texts: AlignedTexts): Json {
  switch (data['type']) {
    case 'response.output_text.done': {
      const text = texts.get(idOf(data))?.text;
      const logprobs = text === data['text'] ? data['logprobs'] : [];
      return eventOf(data, { text: text ?? '', logprobs });
    }
    case 'response.content_part.done':
      return eventOf(data, { part: mendPart(data['part'], texts.get(idOf(data))) });
    case 'response.output_item.done':
      return eventOf(data, { item: mendItem(data['item'], indexOf(data), texts) });
    default:
      return { ...data, response: mendResponse(responseOf(data), texts, true) };
  }
}

/** An event of the same type and place with other fields. */
function eventOf(data: Json, fields: Json): Json {
  return { ...keepFields(data, ['type', ...places]), ...fields };
}

function idOf(data: Json): string {
  return textId(indexOf(data), data['content_index'] ?? 0);
}

function indexOf({ output_index: index = 0 }: Json): number {
  return Number(index);
}

function responseOf({ response }: Json): Json {
  if (isJson(response)) return response;
  throw malformed('to have a response in its event');
}

function isReasoning(part: unknown): boolean {
  return isJson(part) && part['type'] === 'reasoning_text';
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
