import { promptText, type Exchange } from '@align-squad/core';
import type { SparseVector } from '@align-squad/train';
import { hashText, isWord, ngramsOf, tokenize } from './tokenize.js';

// Set by cross-validation on the train split.
const blockNorm = { response: 3, prompt: 1.5, ungrounded: 2.1 };
const denseScale = 1.5;

/** Positions before the hashed ones, for length, overlap and the constant. */
export const densePositions = 16;

/**
 * What the n-gram baseline sees of an exchange: hashed uni-, bi- and trigrams of the response, words of the prompt,
 * uni- and bigrams of the response that the context lacks, and a few numbers on length and overlap.
 * Positions are below `densePositions + buckets`.
 */
export function ngramFeatures(exchange: Exchange, buckets: number): SparseVector {
  const response = tokenize(exchange.response);
  const prompt = tokenize(promptText(exchange.prompt));
  const context = tokenize(exchange.context ?? '');
  const framed = ['<start>', ...response, '<end>'];
  const features = new Map<number, number>();
  denseFeatures(response.filter(isWord), prompt.filter(isWord), context.filter(isWord)).forEach((value, position) =>
    features.set(position, value * denseScale),
  );
  const responseGrams = [1, 2, 3].flatMap((size) => ngramsOf(framed, size));
  const ungrounded = context.length === 0 ? [] : [1, 2].flatMap((size) => absentGrams(framed, context, size));
  addBlock(features, { name: 'response', grams: responseGrams, norm: blockNorm.response, buckets });
  addBlock(features, { name: 'prompt', grams: prompt, norm: blockNorm.prompt, buckets });
  addBlock(features, { name: 'ungrounded', grams: ungrounded, norm: blockNorm.ungrounded, buckets });
  return { indices: Uint32Array.from(features.keys()), values: Float32Array.from(features.values()) };
}

function absentGrams(tokens: readonly string[], source: readonly string[], size: number): string[] {
  const known = new Set(ngramsOf(source, size));
  return ngramsOf(tokens, size).filter((gram) => !known.has(gram));
}

interface Block {
  readonly name: string;
  readonly grams: readonly string[];
  readonly norm: number;
  readonly buckets: number;
}

// Log counts, scaled so that a long text weighs as much as a short one.
function addBlock(features: Map<number, number>, { name, grams, norm, buckets }: Block): void {
  const counts = new Map<number, number>();
  for (const gram of grams) {
    const position = densePositions + (hashText(`${name} ${gram}`) % buckets);
    counts.set(position, (counts.get(position) ?? 0) + 1);
  }
  const weights = [...counts].map(([position, count]) => [position, 1 + Math.log(count)] as const);
  const length = Math.hypot(...weights.map(([, weight]) => weight));
  for (const [position, weight] of weights) {
    features.set(position, (features.get(position) ?? 0) + (norm * weight) / length);
  }
}

function denseFeatures(response: readonly string[], prompt: readonly string[], context: readonly string[]): number[] {
  const inPrompt = new Set(prompt);
  const inContext = new Set(context);
  const inResponse = new Set(response);
  const numbers = response.filter((word) => /^\d/.test(word));
  const ungrounded = response.filter((word) => !inContext.has(word));
  const ungroundedNumbers = numbers.filter((word) => !inContext.has(word));
  const grounding = [
    1,
    share(response.length - ungrounded.length, response.length),
    1 - share(absentGrams(response, context, 2).length, response.length - 1),
    1 - share(absentGrams(response, context, 3).length, response.length - 2),
    share(ungroundedNumbers.length, numbers.length),
    ungroundedNumbers.length > 0 ? 1 : 0,
    share(context.filter((word) => inResponse.has(word)).length, context.length),
    Math.min(1, ungrounded.length / 50),
  ];
  return [
    1,
    Math.log1p(response.length) / 4 - 1,
    Math.min(1, response.length / 200),
    share(response.filter((word) => inPrompt.has(word)).length, response.length),
    share(prompt.filter((word) => inResponse.has(word)).length, prompt.length),
    share(inResponse.size, response.length),
    numbers.length > 0 ? 1 : 0,
    ...(context.length === 0 ? [] : grounding),
  ];
}

function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : part / whole;
}
