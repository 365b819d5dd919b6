import type { RequestMessage } from '../executors/request.js';
import type { Question } from '../records/records.js';

/** What a model wrote about a question. */
export interface TripleDraft {
  readonly context?: string | undefined;
  readonly response: string;
  readonly critique: string;
  readonly correction: string;
}

/** A message of the user with the images of a question. */
export function userMessage(text: string, { images = [] }: Pick<Question, 'images'>): RequestMessage {
  return images.length === 0 ? { role: 'user', content: text } : { role: 'user', content: [{ type: 'text', text }, ...images] };
}
