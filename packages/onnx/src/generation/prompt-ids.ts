import { AlignSquadError, promptText, type GenerateRequest } from '@align-squad/core';
import type { TextTokenizer } from '../tokenizer/tokenizer.js';
import type { TextFrame } from './text-frame.js';

/** A part of a prompt: text, in which names of special tokens are spelt out and not obeyed, or one token by its name. */
export type PromptPart = string | { readonly token: string };

/** Lays a prompt out for a model, such as a chat template does. */
export type LayoutPrompt = (prompt: GenerateRequest['prompt']) => readonly PromptPart[];

/** What the layout of a prompt needs to know. */
export interface PromptIdsOptions {
  readonly tokenizer: TextTokenizer;
  /** Tokens around the text where there is no layout. */
  readonly frame: TextFrame;
  /** Stands for an empty prompt. */
  readonly firstId: number | undefined;
  readonly layout: LayoutPrompt | undefined;
}

/**
 * The token ids of a prompt: by its layout, or `promptText` in the frame of the tokenizer.
 * @throws AlignSquadError `invalid-options` for a token that the vocabulary lacks, or an empty prompt that no token stands for.
 */
export function promptIds(prompt: GenerateRequest['prompt'], { tokenizer, frame, firstId, layout }: PromptIdsOptions): readonly number[] {
  const ids = layout
    ? layout(prompt).flatMap((part) => (typeof part === 'string' ? tokenizer.encode(part) : [idOf(tokenizer, part.token)]))
    : [...frame.before, ...tokenizer.encode(promptText(prompt)), ...frame.after];
  if (ids.length > 0) return ids;
  if (firstId === undefined) throw new AlignSquadError('The prompt is empty, and the model names no token to begin with.', { code: 'invalid-options' });
  return [firstId];
}

function idOf(tokenizer: TextTokenizer, token: string): number {
  const id = tokenizer.tokenId(token);
  if (id === undefined) throw new AlignSquadError('The layout of the prompt names a token that the vocabulary does not have.', { code: 'invalid-options' });
  return id;
}
