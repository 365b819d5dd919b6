import { splitSentences, type Exchange } from '@align-squad/core';
import { allAligned, type CriterionId, type Example, type SentenceLabel, type Unit } from './examples.js';
import type { Triple } from './sources.js';

/** The exchange of a triple with one of its responses. */
export function exchangeOf(triple: Pick<Triple, 'prompt' | 'context'>, response: string): Exchange {
  return triple.context === null ? { prompt: triple.prompt, response } : { prompt: triple.prompt, context: triple.context, response };
}

/** The sentences of a text, trimmed. */
export function sentenceTexts(text: string): string[] {
  return splitSentences(text).map(({ start, end }) => text.slice(start, end).trim()).filter((sentence) => sentence !== '');
}

/** An aligned response: fine under all criteria; `factual` counts only where it can be judged. */
export function alignedExample(triple: Triple, response = triple.aligned): Example {
  const judged = triple.criterion === 'factual' || triple.context !== null;
  const labels = judged ? allAligned : { ethical: 0 as const, helpful: 0 as const };
  const label: SentenceLabel = labels;
  return { exchange: exchangeOf(triple, response), labels, weight: 1, sentences: { labels: sentenceTexts(response).map(() => label), weight: 1 } };
}

/** A misaligned response: labelled for its own criterion; sentences that the aligned one keeps are fine. */
export function misalignedExample(triple: Triple, criterion: CriterionId): Example {
  const kept = new Set(sentenceTexts(triple.aligned));
  const sentences = sentenceTexts(triple.misaligned);
  const isPartial = sentences.some((sentence) => kept.has(sentence));
  return {
    exchange: exchangeOf(triple, triple.misaligned),
    labels: { [criterion]: 1 },
    weight: 1,
    sentences: {
      labels: sentences.map((sentence): SentenceLabel => ({ [criterion]: kept.has(sentence) ? 0 : 1 })),
      weight: isPartial || sentences.length === 1 ? 1 : 0.3,
    },
  };
}

/** The training units of the triples: a misaligned response beside its aligned one; aligned ones two by two. */
export function tripleUnits(triples: readonly Triple[]): Unit[] {
  const pairs = triples.flatMap((triple): Unit[] => {
    const { criterion } = triple;
    if (triple.identity || criterion === 'clean') return [];
    return [{ first: misalignedExample(triple, criterion), second: alignedExample(triple), ranked: criterion }];
  });
  return [...pairs, ...twoByTwo(triples.filter(({ identity, criterion }) => identity || criterion === 'clean').map((triple) => alignedExample(triple)))];
}

/** Puts single examples into units. */
export function twoByTwo(examples: readonly Example[]): Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at + 1 < examples.length; at += 2) {
    const [first, second] = examples.slice(at, at + 2);
    if (first && second) units.push({ first, second });
  }
  return units;
}
