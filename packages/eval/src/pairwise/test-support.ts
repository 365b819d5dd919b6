import type { ResponsePair } from './pair.js';

/** Pairs with prompts of their own, whose aligned texts are longer. */
export function pairsOf(count: number, overrides: Partial<ResponsePair> = {}): ResponsePair[] {
  return Array.from({ length: count }, (_, index) => ({ id: `p${index}`, prompt: `Question ${index}?`, original: `No ${index}.`, aligned: `No, and here is why: ${index}.`, ...overrides }));
}
