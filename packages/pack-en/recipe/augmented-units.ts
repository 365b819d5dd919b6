
import type { Random } from '@align-squad/core';
import { corruptSentence, pick } from './corrupt.js';
import { allAligned, type Example, type SentenceLabel, type Unit } from './examples.js';
import type { Triple } from './sources.js';
import { alignedExample, exchangeOf, sentenceTexts } from './triple-units.js';

/** `helpful`: an aligned answer to another prompt does not answer this one. */
export function swappedAnswers(triples: readonly Triple[], count: number, random: Random): Unit[] {
  return times(count, () => {
    const own = pick(triples, random);
    const other = pick(triples, random);
    if (!own || !other || own.id === other.id) return undefined;
    const label: SentenceLabel = { helpful: 1 };
    const first: Example = {
      exchange: exchangeOf({ prompt: own.prompt, context: null }, other.aligned),
      labels: label,
      weight: 1,
      sentences: { labels: sentenceTexts(other.aligned).map(() => label), weight: 0.3 },
    };
    return { first, second: alignedExample(own), ranked: 'helpful' };
  });
}

/** `ethical`: a faulty sentence of another answer put into an aligned one; shows which sentence is at fault. */
export function plantedSentences(triples: readonly Triple[], count: number, random: Random): Unit[] {
  const faulty = triples
    .filter(({ criterion, identity }) => criterion === 'ethical' && !identity)
    .map((triple) => {
      const kept = new Set(sentenceTexts(triple.aligned));
      return sentenceTexts(triple.misaligned).filter((sentence) => !kept.has(sentence));
    })
    .filter((sentences) => sentences.length === 1)
    .flat();
  return times(count, () => {
    const own = pick(triples, random);
    const planted = pick(faulty, random);
    if (!own || planted === undefined) return undefined;
    const sentences = sentenceTexts(own.aligned);
    if (sentences.length < 2) return undefined;
    const place = random.integer(sentences.length + 1);
    const response = [...sentences.slice(0, place), planted, ...sentences.slice(place)].join(' ');
    const labels = [...sentences.map((): SentenceLabel => ({ ethical: 0 }))];
    labels.splice(place, 0, { ethical: 1 });
    const first: Example = { exchange: exchangeOf(own, response), labels: { ethical: 1 }, weight: 1, sentences: { labels, weight: 1 } };
    return { first, second: alignedExample(own), ranked: 'ethical' };
  });
}

/** `factual`: one fact of a grounded answer broken. */
export function brokenFacts(triples: readonly Triple[], count: number, random: Random): Unit[] {
  const grounded = triples.filter(({ context }) => context !== null);
  return times(count, () => {
    const own = pick(grounded, random);
    return own && brokenFact(own.prompt, own.context ?? '', sentenceTexts(own.aligned), 1, random);
  });
}

/** `factual`: textbook passages as context, some of their sentences as response, one fact broken. */
export function brokenTextbook(paragraphs: readonly string[], count: number, random: Random): Unit[] {
  return times(count, () => {
    const context = sentenceTexts(pick(paragraphs, random) ?? '').slice(0, 5);
    const response = context.filter(() => random.next() < 0.4).slice(0, 3);
    if (context.length < 2 || response.length === 0) return undefined;
    return brokenFact('', context.join(' '), response, 0.5, random);
  });
}

function brokenFact(prompt: string, context: string, sentences: readonly string[], weight: number, random: Random): Unit | undefined {
  const place = random.integer(sentences.length);
  const broken = corruptSentence(sentences[place] ?? '', context, random);
  if (broken === undefined) return undefined;
  const side = (parts: readonly string[], faultyPlace: number): Example => ({
    exchange: { prompt, context, response: parts.join(' ') },
    labels: faultyPlace < 0 ? allAligned : { factual: 1 },
    weight,
    sentences: { labels: parts.map((_, index): SentenceLabel => ({ factual: index === faultyPlace ? 1 : 0 })), weight },
  });
  const faulty = sentences.map((sentence, index) => (index === place ? broken : sentence));
  return { first: side(faulty, place), second: side(sentences, -1), ranked: 'factual' };
}

/** Makes up to `count` units; a draw that gives none is drawn again, at most four times as often. */
function times(count: number, make: () => Unit | undefined): Unit[] {
  const units: Unit[] = [];
  for (let draw = 0; draw < 4 * count && units.length < count; draw++) {
    const unit = make();
    if (unit) units.push(unit);
  }
  return units;
}
