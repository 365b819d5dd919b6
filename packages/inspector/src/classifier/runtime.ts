import { AlignSquadError } from '@align-squad/core';

/** The module of @huggingface/transformers. */
export type TransformersModule = typeof import('@huggingface/transformers');

/**
 * Imports @huggingface/transformers on first use; the only place of this package that does.
 * @throws AlignSquadError `missing-dependency` with the command that installs it.
 */
export async function loadTransformers(): Promise<TransformersModule> {
  try {
    return await import('@huggingface/transformers');
  } catch (error) {
    throw new AlignSquadError('Could not load `@huggingface/transformers`; install it with `npm install @huggingface/transformers`.', {
      code: 'missing-dependency',
      cause: error,
    });
  }
}
