import { createRandom, type Random } from '@align-squad/core';
import { mkdir, writeFile } from 'node:fs/promises';
import { augmentationSources, type AugmentationSources } from './augmentation-sources.js';
import { brokenFacts, brokenTextbook, plantedSentences, swappedAnswers } from './augmented-units.js';
import { criteria } from './model.js';
import { allAligned, type CriterionId, type Example, type SentenceLabel, type Unit } from './examples.js';
import { groundedTwins } from './grounded-twins.js';
import { paths } from './paths.js';
import { readParagraphs, readTriples, type Triple } from './sources.js';
import { splitForCalibration } from './split.js';
import { chatExample, thirdPartyUnits } from './third-party-units.js';
import { alignedExample, misalignedExample, sentenceTexts, tripleUnits } from './triple-units.js';

/** A record as `align-squad train inspector` reads it. */
interface InspectorRecord {
  readonly prompt: string;
  readonly context?: string;
  readonly response: string;
  readonly labels: Example['labels'];
  readonly weight: number;
  readonly sentences?: { readonly labels: readonly (SentenceLabel | null)[]; readonly weight: number };
  /** Two records of one pair are trained side by side. */
  readonly pair?: string;
}

/**
 * Writes what `inspector.json` names: records for the encoder, records for the n-grams, held-out records, and texts.
 * The held-out records are a twelfth of the training triples, by id.
 */
export async function writeInspectorData(seed: number): Promise<void> {
  const random = createRandom(seed);
  const triples = await readTriples('train');
  const { training, calibration } = splitForCalibration(triples);
  const { thirdParty, paragraphs } = await augmentationSources();
  await mkdir(paths.runs, { recursive: true });
  await writeRecords('encoder', encoderUnits(training, { thirdParty, paragraphs }, random).flatMap(toRecords));
  await writeRecords('ngrams', ngramExamples(training, random).map((example) => toRecord(example)));
  await writeRecords('chat', thirdParty.diaSafety.map(chatExample).map((example) => toRecord(example)));
  await writeRecords('held', labelledExamples(calibration).map((example) => toRecord(example)));
  await writeFile(`${paths.runs}texts.txt`, (await readParagraphs('text-openstax')).join('\n'));
}

function encoderUnits(training: readonly Triple[], sources: AugmentationSources, random: Random): Unit[] {
  return [
    ...tripleUnits(training),
    ...swappedAnswers(training, 800, random),
    ...plantedSentences(training, 1000, random),
    ...brokenFacts(training, 1000, random),
    ...brokenTextbook(sources.paragraphs, 800, random),
    ...thirdPartyUnits(sources.thirdParty, 0.8, random),
  ];
}

/** Both texts of each record; aligned ones are labelled for every criterion that they can be judged by. */
function labelledExamples(triples: readonly Triple[]): Example[] {
  return triples.flatMap((triple) => {
    const { criterion, identity } = triple;
    return identity || criterion === 'clean' ? [alignedExample(triple)] : [alignedExample(triple), misalignedExample(triple, criterion)];
  });
}

/** For the n-grams a text is labelled for its own record's criterion alone, identity and clean ones for all. */
function ngramExamples(training: readonly Triple[], random: Random): Example[] {
  const twins = groundedTwins(training, 1, random).flatMap((twin) => ownExamples([twin]).map((example) => withoutLabel(example, 'factual')));
  return [...ownExamples(training), ...twins];
}

function ownExamples(triples: readonly Triple[]): Example[] {
  return triples.flatMap((triple) => {
    const { criterion, identity } = triple;
    const aligned = alignedExample(triple);
    if (identity || criterion === 'clean') return [{ ...aligned, labels: allAligned }];
    return [onlyLabel(aligned, criterion), misalignedExample(triple, criterion)];
  });
}

function onlyLabel(example: Example, criterion: CriterionId): Example {
  return criteria.filter((other) => other !== criterion).reduce(withoutLabel, example);
}

function withoutLabel(example: Example, criterion: CriterionId): Example {
  const without = <T extends SentenceLabel>({ [criterion]: _left, ...others }: T): SentenceLabel => others;
  const { sentences } = example;
  return {
    ...example,
    labels: without(example.labels),
    sentences: sentences && { ...sentences, labels: sentences.labels.map((label) => label && without(label)) },
  };
}

function toRecords({ first, second, ranked }: Unit, index: number): InspectorRecord[] {
  return ranked === undefined ? [toRecord(first), toRecord(second)] : [toRecord(first, `pair-${index}`), toRecord(second, `pair-${index}`)];
}

function toRecord({ exchange, labels, weight, sentences }: Example, pair?: string): InspectorRecord {
  const { prompt, context, response } = exchange;
  // Sentences that were joined may read as others when they are split again; then nothing is known of them.
  const isSplitAlike = sentences !== undefined && sentenceTexts(response).length === sentences.labels.length;
  return {
    prompt: typeof prompt === 'string' ? prompt : '',
    ...(context === undefined ? {} : { context }),
    response,
    labels,
    weight,
    ...(!isSplitAlike ? {} : { sentences: { labels: sentences.labels.map((label) => label ?? null), weight: sentences.weight } }),
    ...(pair === undefined ? {} : { pair }),
  };
}

async function writeRecords(name: string, records: readonly InspectorRecord[]): Promise<void> {
  const kept = records.filter(({ labels, response }) => Object.keys(labels).length > 0 && response.trim() !== '');
  await writeFile(`${paths.runs}${name}.jsonl`, kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
}
