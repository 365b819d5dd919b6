import type { GenerateRequest } from '@align-squad/core';
import type { RewriteTexts } from './rewrite-dialect.js';

/** Texts that are no rewrite. */
export interface UnwantedTexts {
  /** No rewrite equals one of these: the response, and the prompt that it answers. */
  readonly same: readonly string[];
  /** No rewrite begins with what the model was asked; blank for none. */
  readonly asked: string;
}

/** The texts that an answer must not repeat. */
export function unwantedTexts({ prompt = '', response }: Pick<RewriteTexts, 'prompt' | 'response'>, asked: Pick<GenerateRequest, 'prompt'>): UnwantedTexts {
  const last = typeof asked.prompt === 'string' ? asked.prompt : (asked.prompt.at(-1)?.content ?? '');
  return { same: [response.trim(), prompt.trim()], asked: last.trim() };
}

/** The rewrite without white space around it; undefined for one that is blank or repeats what it was given. */
export function rewriteOf(answer: string | undefined, { same, asked }: UnwantedTexts): string | undefined {
  const rewrite = (answer ?? '').trim();
  if (rewrite === '' || same.includes(rewrite)) return undefined;
  return asked !== '' && rewrite.startsWith(asked) ? undefined : rewrite;
}
