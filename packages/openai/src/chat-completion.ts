import type { AlignedTexts } from './aligned-texts.js';
import { errorOnly, isJson, keepFields, listOf, malformed, type Json } from './json.js';

const choiceFields = ['content_filter_results', 'content_filter_result', 'content_filter_offsets', 'native_finish_reason', 'stop_reason'];
const messageFields = ['role', 'name', 'refusal', 'tool_calls', 'function_call'];

/** Fields of a choice that go on; others may repeat the answer. */
export function keepChoice(choice: Json): Json {
  return keepFields(choice, [...choiceFields, 'finish_reason']);
}

/** Fields of a message or delta that go on, without its content; others may hold reasoning or repeat the answer. */
export function keepMessage(message: Json): Json {
  const { content, ...rest } = message;
  return { ...keepFields(rest, messageFields), ...(isEmpty(content) && { content }) };
}

/** Whether there is no content to align. */
function isEmpty(content: unknown): boolean {
  return content === null || content === '';
}

/** The text of a message's content: a string, or a list of parts. */
export function contentText(content: unknown): string {
  if (content === undefined || isEmpty(content)) return '';
  if (typeof content === 'string') return content;
  return listOf(content, 'content')
    .map(({ type, text }) => (type === 'text' && typeof text === 'string' ? text : ''))
    .join('');
}

/** Content with another text: in a list, the first text part holds it all, and only refusals stay beside it. */
export function replaceContent(content: unknown, text: string): unknown {
  if (!Array.isArray(content)) return text;
  const parts = listOf(content, 'content');
  const first = parts.findIndex(({ type }) => type === 'text');
  return parts.flatMap((part, index) => {
    if (index === first) return [{ type: 'text', text }];
    return part['type'] === 'refusal' ? [part] : [];
  });
}

/** Log probabilities of a refusal; those of the content would tell it. */
export function refusalLogprobs(logprobs: unknown): Json | null {
  return isJson(logprobs) && Array.isArray(logprobs['refusal']) ? { content: null, refusal: logprobs['refusal'] } : null;
}

/** Aligns all choices of a chat completion; each gets its report as `align_squad`. Gives the ids of the texts too. */
export async function alignChatCompletion(body: Json, texts: AlignedTexts): Promise<{ readonly body: Json; readonly ids: readonly string[] }> {
  const failure = errorOnly(body, 'choices');
  if (failure) return { body: failure, ids: [] };
  const choices = listOf(body['choices'], 'choices');
  await Promise.all(choices.map((choice, index) => texts.align(String(index), contentText(messageOf(choice)['content']))));
  const mended = choices.map((choice, index) => mendChoice(choice, String(index), texts));
  return { body: { ...body, choices: mended }, ids: choices.map((_, index) => String(index)) };
}

function messageOf({ message }: Json): Json {
  if (isJson(message)) return message;
  throw malformed('to have a message in each choice');
}

function mendChoice(choice: Json, id: string, texts: AlignedTexts): Json {
  const message = messageOf(choice);
  const { content } = message;
  const { text, report } = texts.get(id) ?? { text: '', report: undefined };
  const isSame = text !== '' && text === contentText(content);
  return {
    ...keepChoice(choice),
    message: {
      ...keepMessage(message),
      ...(content !== undefined && !isEmpty(content) && { content: replaceContent(content, text) }),
      // they point into the raw text
      ...(isSame && keepFields(message, ['annotations'])),
    },
    ...(choice['logprobs'] !== undefined && { logprobs: isSame ? choice['logprobs'] : refusalLogprobs(choice['logprobs']) }),
    ...(texts.hasReports && { align_squad: report }),
  };
}
