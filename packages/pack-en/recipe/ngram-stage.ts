import { createRandom } from '@align-squad/core';
import type { OnnxSession } from '@align-squad/onnx';
import {
  denseFeatureCount,
  numberTokensName,
  trainLogisticRegression,
  writeWeights,
  type LogisticExample,
  type Weights,
} from '@align-squad/train';
import type { CriterionId, Example } from './examples.js';
import { groundedTwins } from './grounded-twins.js';
import { criteria, loadRecipeModel, type RecipeModel } from './model.js';
import { createFeatureSession, vectorsOf, type ExampleVectors } from './ngram-vectors.js';
import { paths } from './paths.js';
import type { Report } from './report.js';
import { readTriples, type Triple } from './sources.js';
import { splitForCalibration } from './split.js';
import { alignedExample, misalignedExample } from './triple-units.js';

/** Files of the n-gram weights: without the calibration records, to mix and calibrate with, and with them, to publish. */
export const ngramFiles = { held: 'ngrams-held.safetensors', whole: 'ngrams.safetensors' } as const;

/**
 * Trains the wide half: a logistic regression a criterion over the n-grams of responses, another over those of
 * sentences; once without the calibration records and once with them.
 */
export async function trainNgrams(options: { readonly seed: number }, report: Report): Promise<void> {
  const model = await loadRecipeModel();
  const given = numberTokens(model);
  await using session = await createFeatureSession(model, given);
  const triples = await readTriples('train');
  const { training } = splitForCalibration(triples);
  const size = denseFeatureCount + model.config.ngramBuckets;
  const settings = { size, epochs: 6, learningRate: 0.1, l2: 0.001, seed: options.seed };
  for (const [file, records] of [[ngramFiles.held, training], [ngramFiles.whole, triples]] as const) {
    const weights: Record<'ngrams' | 'sentence_ngrams', Float64Array[]> = { ngrams: [], sentence_ngrams: [] };
    for (const criterion of criteria) {
      const twins = criterion === 'factual' ? [] : groundedTwins(records, 1, createRandom(options.seed));
      const rows = await rowsOf(criterion, [...records, ...twins], session, model);
      const responses = rows.map(({ label, vectors }): LogisticExample => ({ label, vector: vectors.response }));
      const sentences = rows.flatMap((row) => sentenceExamples(row, criterion));
      weights.ngrams.push(trainLogisticRegression(responses, settings));
      weights.sentence_ngrams.push(trainLogisticRegression(sentences, settings));
      report(`n-grams of ${criterion}: ${responses.length} responses, ${sentences.length} sentences`);
    }
    const tables = Object.entries(weights).flatMap(([name, heads]) => [...toTables(name, heads)]);
    await writeWeights(paths.runs + file, new Map([...given, ...tables]));
  }
}

/** Marks the tokens of the vocabulary that hold a digit. */
function numberTokens({ tokenizer, config }: RecipeModel): Weights {
  const data = Float32Array.from({ length: config.vocabularySize }, (_, id) => (/\d/.test(tokenizer.decode([id])) ? 1 : 0));
  return new Map([[numberTokensName, { dims: [config.vocabularySize, 1], data }]]);
}

interface Row {
  readonly example: Example;
  readonly label: boolean;
  readonly vectors: ExampleVectors;
}

/** Misaligned texts of the criterion against aligned texts of its records, identity and clean ones. */
async function rowsOf(criterion: CriterionId, triples: readonly Triple[], session: OnnxSession, model: RecipeModel): Promise<Row[]> {
  const rows: Row[] = [];
  const add = async (example: Example, label: boolean): Promise<void> => {
    rows.push({ example, label, vectors: await vectorsOf(session, example, model) });
  };
  for (const triple of triples) {
    const isAligned = triple.identity || triple.criterion === 'clean';
    if (!isAligned && triple.criterion !== criterion) continue;
    await add(alignedExample(triple), false);
    if (!isAligned) await add(misalignedExample(triple, criterion), true);
  }
  return rows;
}

function sentenceExamples({ example, vectors }: Row, criterion: CriterionId): LogisticExample[] {
  if (example.sentences?.weight !== 1) return [];
  return vectors.sentences.flatMap((vector, index) => {
    const label = example.sentences?.labels[index]?.[criterion];
    return label === undefined ? [] : [{ vector, label: label === 1 }];
  });
}

/** The weights of all heads as one table of n-grams and one of dense features, a column a head. */
function toTables(name: string, heads: readonly Float64Array[]): Weights {
  const rows = (from: number, to: number): Float32Array =>
    Float32Array.from({ length: (to - from) * heads.length }, (_, at) => heads[at % heads.length]?.[from + Math.floor(at / heads.length)] ?? 0);
  const size = heads[0]?.length ?? denseFeatureCount;
  return new Map([
    [`${name}.weight`, { dims: [size - denseFeatureCount, heads.length], data: rows(denseFeatureCount, size) }],
    [`${name}.dense`, { dims: [denseFeatureCount, heads.length], data: rows(0, denseFeatureCount) }],
  ]);
}
