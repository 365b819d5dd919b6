import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';

/** Sizes of a transformer. */
export interface TransformerShape {
  readonly vocabularySize: number;
  /** Width of the hidden state. */
  readonly width: number;
  readonly layers: number;
  readonly attentionHeads: number;
  /** Heads of keys and values; divides `attentionHeads`. @default attentionHeads */
  readonly keyValueHeads?: number | undefined;
  readonly feedForwardWidth: number;
  /** Longest sequence that the model is meant for; written to its config, the graph takes any. */
  readonly maxTokens: number;
  /** Base of the rotary frequencies. @default 10000 */
  readonly ropeTheta?: number | undefined;
}

/** A checked shape with its defaults and the sizes that follow from it. */
export interface ResolvedShape extends Required<{ readonly [Size in keyof TransformerShape]: number }> {
  readonly headSize: number;
  /** Start of the weights that write to the hidden state: smaller, the more of them there are (GPT-2). */
  readonly outDeviation: number;
}

const size = z.int().min(1);
const schema = z.object({
  vocabularySize: size,
  width: size,
  layers: size,
  attentionHeads: size,
  keyValueHeads: size.optional(),
  feedForwardWidth: size,
  maxTokens: size,
  ropeTheta: z.number().positive().optional(),
});

/**
 * Checks sizes and adds what follows from them; other fields of `shape` are left out.
 * @throws AlignSquadError `invalid-options` for sizes that are no whole numbers from 1 or do not fit together.
 */
export function resolveShape(shape: TransformerShape): ResolvedShape {
  const parsed = parseWith(schema, shape, { what: 'the sizes of a transformer', code: 'invalid-options' });
  const { width, layers, attentionHeads, keyValueHeads = attentionHeads, ropeTheta = 10_000 } = parsed;
  const headSize = width / attentionHeads;
  if (headSize % 2 !== 0) {
    throw misfit(`\`width\` to be \`attentionHeads\` (${attentionHeads}) times an even number`, width);
  }
  if (attentionHeads % keyValueHeads !== 0) throw misfit(`\`keyValueHeads\` to divide \`attentionHeads\` (${attentionHeads})`, keyValueHeads);
  return { ...parsed, keyValueHeads, ropeTheta, headSize, outDeviation: 0.02 / Math.sqrt(2 * layers) };
}

function misfit(expected: string, got: number): AlignSquadError {
  return new AlignSquadError(`Expected ${expected}, got \`${got}\`.`, { code: 'invalid-options' });
}
