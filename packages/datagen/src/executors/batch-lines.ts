import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { readCompletion, toChatBody, type MaxTokensField } from './chat-completion.js';
import type { DatagenAnswer, DatagenRequest } from './request.js';

/** What a line of a responses file says; `answer` is nothing when the service did not come to the request. */
export interface ResponseLine {
  readonly id: string;
  readonly answer: DatagenAnswer | undefined;
}

const responseSchema = z.looseObject({
  custom_id: z.string(),
  response: z.looseObject({ status_code: z.int(), body: z.unknown() }).nullish(),
  error: z.looseObject({ code: z.unknown() }).nullish(),
});

const unasked = new Set<unknown>(['batch_expired', 'batch_cancelled']);

/** A request as a line of a requests file of the OpenAI Batch API, which `vllm run-batch` reads too. */
export function toRequestLine({ id, body }: DatagenRequest, maxTokensField: MaxTokensField): string {
  return `${JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: toChatBody(body, maxTokensField) })}\n`;
}

/** The id of a line of a requests file; nothing for a line that is none. */
export function requestLineId(line: string): string | undefined {
  return /^\{"custom_id":"([^"\\]+)"/.exec(line)?.[1];
}

/** Reads a line of a responses file; nothing for a line that is cut off or no response. */
export function parseResponseLine(line: string): ResponseLine | undefined {
  const parsed = responseSchema.safeParse(parseJson(line));
  if (!parsed.success) return undefined;
  const { custom_id: id, response, error } = parsed.data;
  const fail = (reason: string): ResponseLine => ({ id, answer: { id, ok: false, reason } });
  if (error && unasked.has(error.code)) return { id, answer: undefined };
  if (error || !response) return fail('batch-error');
  if (response.status_code !== 200) return fail(`http-${response.status_code}`);
  const reading = readCompletion({ id }, response.body);
  return reading.isReadable ? { id, answer: reading.answer } : fail('malformed');
}

/** The lines of a file that are not empty. */
export async function* readLines(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = `${rest}${String(chunk)}`.split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
  if (rest !== '') yield rest;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
