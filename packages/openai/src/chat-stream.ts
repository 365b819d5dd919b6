import type { EventPart, EventProtocol } from './align-events.js';
import type { AlignedTexts } from './aligned-texts.js';
import { contentText, keepChoice, keepMessage, refusalLogprobs, replaceContent } from './chat-completion.js';
import { errorOnly, isJson, listOf, malformed, type Json } from './json.js';

type Part = Pick<EventPart, 'role' | 'data'>;

/** What is known of the choices of one answer, by id. */
interface ChoiceMarks {
  readonly called: Set<string>;
  readonly ended: Set<string>;
}

/** Reads and writes the chunks of a chat completion; the last one of a choice gets its report as `align_squad`. */
export function chatProtocol(texts: AlignedTexts): EventProtocol {
  const marks: ChoiceMarks = { called: new Set(), ended: new Set() };
  return {
    split: (chunk) => {
      const failure = errorOnly(chunk, 'choices');
      const choices = failure ? [] : listOf(chunk['choices'], 'choices');
      if (choices.length === 0) return [{ role: { kind: 'pass' }, data: failure ?? chunk }];
      return choices.flatMap((choice) => splitChoice(chunk, choice, texts.isJsonMode, marks));
    },
    textData: (text, like) => mapChoice(like, (choice) => ({ ...choice, delta: { content: text } })),
    endData: (chunk) =>
      mapChoice(chunk, (choice) =>
        texts.hasReports && choice['finish_reason'] !== null
          ? { ...choice, align_squad: texts.get(String(choice['index']))?.report ?? { outcome: 'skipped' } }
          : choice,
      ),
  };
}

/** The parts of one choice: what has no text, its text, its end. */
function splitChoice(chunk: Json, choice: Json, isJsonMode: boolean, { called, ended }: ChoiceMarks): readonly Part[] {
  const { index = 0, finish_reason: given } = choice;
  const reason = typeof given === 'string' && given !== '' ? given : null;
  const delta = choice['delta'] ?? {};
  if (typeof index !== 'number' || !isJson(delta)) throw malformed('to have an index and a delta in each choice');
  const { content } = delta;
  const text = isJsonMode ? '' : contentText(content);
  const kept: Json = { ...keepMessage(delta), ...(isJsonMode && content !== undefined && { content: replaceContent(content, contentText(content)) }) };
  const id = String(index);
  // a text is ended once by calls and once by the end: pieces judged one by one would show what they spell together
  const isToolCall = !called.has(id) && hasCalls(kept);
  if (isToolCall) called.add(id);
  if (text !== '' && ended.has(id)) throw malformed('to have no text after the end of a choice');
  if (reason !== null) ended.add(id);
  const end = { kind: 'end', ids: [id] } as const;
  const keptLogprobs = isJsonMode && contentText(content) !== '' ? choice['logprobs'] : refusalLogprobs(choice['logprobs']);
  const part = (role: Part['role'], delta: Json, finishReason: unknown, logprobs: unknown): Part => {
    const fields = { ...keepChoice(choice), ...(choice['logprobs'] !== undefined && { logprobs }) };
    return { role, data: { ...chunk, choices: [{ index, ...fields, delta, finish_reason: finishReason }] } };
  };
  if (text === '') return [part(reason !== null || isToolCall ? end : { kind: 'pass' }, kept, reason, keptLogprobs)];
  const pieces = [part({ kind: 'text', id, text }, {}, null, null)];
  // the role comes first, and calls of tools after the text that they end
  if (isToolCall) pieces.push(part(end, kept, null, keptLogprobs));
  else if (Object.keys(kept).length > 0) pieces.unshift(part({ kind: 'pass' }, kept, null, keptLogprobs));
  if (reason !== null) pieces.push(part(end, {}, reason, null));
  return pieces;
}

function hasCalls({ tool_calls: tools, function_call: call }: Json): boolean {
  return (Array.isArray(tools) && tools.length > 0) || isJson(call);
}

function mapChoice(chunk: Json, change: (choice: Json) => Json): Json {
  return { ...chunk, choices: listOf(chunk['choices'], 'choices').map(change) };
}
