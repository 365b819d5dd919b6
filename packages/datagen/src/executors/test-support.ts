import { createRequest, type DatagenAnswer, type DatagenRequest, type RequestBody } from './request.js';

/** A request that asks `text`. */
export function requestOf(text: string, body: Partial<RequestBody> = {}): DatagenRequest {
  return createRequest('test', { model: 'm', messages: [{ role: 'user', content: text }], maxTokens: 64, temperature: 0, seed: 1, ...body });
}

/** So many different requests. */
export function requestsOf(count: number): readonly DatagenRequest[] {
  return Array.from({ length: count }, (_, index) => requestOf(`question ${index}`));
}

/** Requests as a run reads them; `onRead` is told how many were read. */
export async function* stream(requests: readonly DatagenRequest[], onRead?: (count: number) => void): AsyncGenerator<DatagenRequest> {
  for (const [index, request] of requests.entries()) {
    onRead?.(index + 1);
    yield request;
  }
}

/** All answers of a run, up to the error that ended it. */
export async function collect(answers: AsyncIterable<DatagenAnswer>): Promise<{ readonly answers: readonly DatagenAnswer[]; readonly error: unknown }> {
  const collected: DatagenAnswer[] = [];
  try {
    for await (const answer of answers) collected.push(answer);
    return { answers: collected, error: undefined };
  } catch (error) {
    return { answers: collected, error };
  }
}

/** What a log or a person could see of an error: all of its own fields and causes. */
export function visibleText(error: unknown): string {
  const parts: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) parts.push(at.message, at.stack ?? '', JSON.stringify(at), JSON.stringify(Object.getOwnPropertyDescriptors(at)));
  return parts.join('\n');
}
