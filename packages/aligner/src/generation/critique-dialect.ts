import type { Criterion } from '@align-squad/core';
import { askForCorrection, correctionFormat, parseCorrection } from '@align-squad/llm/prompts';
import { findCriterion } from './find-criterion.js';
import { hintLines } from './hint-lines.js';
import type { RewriteDialect } from './rewrite-dialect.js';

/**
 * Asks a chat model for a critique and a correction as JSON, by the criterion's principles and demonstrations; the
 * correction is the rewrite. A critique that finds nothing gives none.
 */
export function createCritiqueDialect(criteria: readonly Criterion[]): RewriteDialect {
  return {
    name: 'json',
    isRewrite: false,
    ask: (texts, id) => {
      const lines = [askForCorrection(findCriterion(criteria, id), texts), ...hintLines(texts)];
      return { prompt: [{ role: 'user', content: lines.join('\n') }], schema: correctionFormat };
    },
    // A critique that finds nothing comes with the response as its correction, which is no rewrite.
    read: (answer, texts) => parseCorrection(answer, texts)?.correction,
  };
}
