import type { AlignedText, AlignedTexts, TextReport } from './aligned-texts.js';
import { errorOnly, isJson, keepFields, listOf, type Json } from './json.js';

/** One text of a response: a part of a message, by the place of both. */
export interface TextPlace {
  readonly id: string;
  readonly outputIndex: number;
  readonly contentIndex: number;
  readonly text: string;
}

// calls of tools, their results, and what only goes back to the model
const itemTypes = /_call$|_call_output$|^mcp_|^compaction$|^program(_output)?$|^tool_search_output$|^additional_tools$/;

/** Id of the text at a place. */
export function textId(outputIndex: unknown, contentIndex: unknown): string {
  return `${String(outputIndex)}:${String(contentIndex)}`;
}

/** The texts of an output item. */
export function textsOfItem(item: unknown, outputIndex: number): readonly TextPlace[] {
  if (!isJson(item) || item['type'] !== 'message') return [];
  return listOf(item['content'] ?? [], 'content').flatMap((part, contentIndex) => {
    const text = textOfPart(part);
    return text === undefined ? [] : [{ id: textId(outputIndex, contentIndex), outputIndex, contentIndex, text }];
  });
}

/** The text of a content part, if it is one that holds text of the answer. */
export function textOfPart(part: unknown): string | undefined {
  return isJson(part) && part['type'] === 'output_text' && typeof part['text'] === 'string' ? part['text'] : undefined;
}

/** The texts of a response. */
export function textsOfResponse(response: Json): readonly TextPlace[] {
  return listOf(response['output'] ?? [], 'output').flatMap(textsOfItem);
}

/** A content part with its aligned text, else with none; parts that are neither text nor refusal keep only their type. */
export function mendPart(part: unknown, aligned: AlignedText | undefined): Json {
  if (!isJson(part)) return {};
  if (part['type'] === 'refusal') return part;
  if (part['type'] !== 'output_text') return { type: part['type'] };
  const text = aligned?.text ?? '';
  // annotations and log probabilities tell the raw text
  const details = aligned !== undefined && text === part['text'] ? keepFields(part, ['annotations', 'logprobs']) : { annotations: [], logprobs: [] };
  return { ...keepFields(part, ['type']), text, ...details };
}

/** An output item with its aligned texts; reasoning loses its text, and items of unknown types keep only id and status. */
export function mendItem(item: unknown, outputIndex: number, texts: AlignedTexts): Json {
  if (!isJson(item)) return {};
  const { type, content } = item;
  if (typeof type === 'string' && itemTypes.test(type)) return item;
  const kept = keepFields(item, ['id', 'type', 'status', 'role', 'phase']);
  if (type === 'reasoning') return { ...kept, ...keepFields(item, ['encrypted_content']), summary: [] };
  if (type !== 'message') return kept;
  return { ...kept, content: listOf(content ?? [], 'content').map((part, index) => mendPart(part, texts.get(textId(outputIndex, index)))) };
}

/** A response with its aligned texts; `align_squad` holds their reports once it is complete. */
export function mendResponse(response: Json, texts: AlignedTexts, isComplete: boolean): Json {
  const output = listOf(response['output'] ?? [], 'output').map((item, index) => mendItem(item, index, texts));
  const { output_text: joined, ...rest } = response;
  const places = textsOfResponse(response);
  return {
    ...rest,
    output,
    ...(joined !== undefined && { output_text: places.map(({ id }) => texts.get(id)?.text ?? '').join('') }),
    ...(isComplete && texts.hasReports && { align_squad: places.map((place) => reportOf(place, texts)) }),
  };
}

/** Aligns all texts of a response. Gives their ids too. */
export async function alignResponse(body: Json, texts: AlignedTexts): Promise<{ readonly body: Json; readonly ids: readonly string[] }> {
  const failure = errorOnly(body, 'output');
  if (failure) return { body: failure, ids: [] };
  listOf(body['output'], 'output');
  const places = textsOfResponse(body);
  await Promise.all(places.map(({ id, text }) => texts.align(id, text)));
  return { body: mendResponse(body, texts, true), ids: places.map(({ id }) => id) };
}

function reportOf({ id, outputIndex, contentIndex }: TextPlace, texts: AlignedTexts): TextReport & { readonly output_index: number; readonly content_index: number } {
  const report: TextReport = texts.get(id)?.report ?? { outcome: 'skipped' };
  return { output_index: outputIndex, content_index: contentIndex, ...report };
}
