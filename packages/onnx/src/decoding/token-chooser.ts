import { createRandom } from '@align-squad/core';
import type { DecoderRows } from './decoder-rows.js';
import { pickToken } from './pick-token.js';
import type { SamplingOptions } from './decode-request.js';

/** Chooses tokens of one text, one after the other. */
export interface TokenChooser {
  /** Whether it reads logits, not only which token is the likeliest. */
  readonly needsLogits: boolean;
  choose(rows: DecoderRows, text: number, row: number): number;
}

/** A chooser that takes the likeliest token, or draws one, for a text that begins with `prompt`. */
export function createTokenChooser(sampling: SamplingOptions | undefined, prompt: readonly number[]): TokenChooser {
  if (!sampling || (sampling.temperature === 0 && (sampling.repetitionPenalty ?? 1) === 1)) {
    return { needsLogits: false, choose: (rows, text, row) => rows.likeliest(text, row) };
  }
  const random = createRandom(sampling.seed ?? 0);
  const seen = new Set(prompt);
  return {
    needsLogits: true,
    choose(rows, text, row) {
      const id = pickToken(rows.logits(text, row), sampling, seen, random);
      seen.add(id);
      return id;
    },
  };
}
