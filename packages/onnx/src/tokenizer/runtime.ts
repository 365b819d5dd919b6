import { AlignSquadError } from '@align-squad/core';

/** The module of @huggingface/tokenizers. */
export type TokenizersModule = typeof import('@huggingface/tokenizers');

/**
 * Imports @huggingface/tokenizers on first use; the only place that does.
 * @throws AlignSquadError `missing-dependency` with the command that installs it.
 */
export async function loadTokenizersModule(): Promise<TokenizersModule> {
  try {
    return await import('@huggingface/tokenizers');
  } catch (error) {
    throw new AlignSquadError(
      'Could not load `@huggingface/tokenizers`; install it with `npm install @huggingface/tokenizers`.',
      { code: 'missing-dependency', cause: error },
    );
  }
}
