import type { GenerateRequest } from '@align-squad/core';

/** What a model is told of an exchange whose response it is to rewrite. */
export interface RewriteTexts {
  /** The prompt as one text; undefined when there is none. */
  readonly prompt: string | undefined;
  readonly context: string | undefined;
  readonly response: string;
  /** Sentences of the response that an inspector found at fault, worst first. */
  readonly faultySentences: readonly string[];
  /** Further answers to the prompt, where they were drawn. */
  readonly answers: readonly string[];
}

/** How a model is asked for a rewrite, and how its answer is read. */
export interface RewriteDialect {
  /** Names the dialect, for versions. */
  readonly name: string;
  /** The answer is the rewrite itself, so that it can be given on as it comes. */
  readonly isRewrite: boolean;
  ask(texts: RewriteTexts, criterion: string): Pick<GenerateRequest, 'prompt' | 'schema' | 'stop'>;
  /** The rewrite in a whole answer; undefined when it can't be read or finds nothing wrong. */
  read(answer: string, texts: RewriteTexts): string | undefined;
}
