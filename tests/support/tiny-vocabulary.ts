import { exchangeTokens } from '@align-squad/inspector';
import { createTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { trainByteLevelBpe } from '@align-squad/train';

/** The word that makes a sentence of a response misaligned under each criterion of the tiny pack. */
export const faultyWord = { ethical: 'awful', factual: 'wrongly', helpful: 'vague' } as const;

const words = `${Object.values(faultyWord).join(' ')} rain wind sun snow cloud river garden train kettle bread apple tea
  falls blows shines melts drifts flows grows leaves boils rises ripens cools today slowly gently often early warm cold
  the a is and in on what why how do you we it they say tell people are was good plain answer
  rained all day so stayed read , . ! ? ${'a'.repeat(16)}`;

/** The tokenizer of the tiny pack: each of its words is one token, whatever else is spelt in bytes. */
export function tinyTokenizerJson(): object {
  const texts = words.trim().split(/\s+/).map((word) => `${word} `.repeat(3));
  return trainByteLevelBpe(texts, { vocabularySize: 1024, specialTokens: Object.values(exchangeTokens) });
}

/** The tiny pack's tokenizer, ready to use. */
export function createTinyTokenizer(): Promise<TextTokenizer> {
  return createTextTokenizer(tinyTokenizerJson());
}
