import { fitPlattScaling } from '@align-squad/eval';
import type { TextTokenizer } from '@align-squad/onnx';
import { logit, trainLogisticRegression, type LogisticExample, type LogisticSettings } from '../linear/logistic-regression.js';
import type { EncoderConfig } from '../models/encoder-config.js';
import { characterCountsName, denseFeatureCount, denseScale, numberTokensName } from '../models/ngram-features.js';
import type { Weight, Weights } from '../models/weights.js';
import { isMisaligned, type LabelledExchange, type LayOut } from './labelled-exchange.js';
import { characterBuckets, characterNgrams } from './character-ngrams.js';
import { createFeatureSession, ngramVectorsOf, type NgramVectors } from './ngram-vectors.js';

/** Options of `trainNgrams`. */
export interface NgramOptions {
  readonly config: EncoderConfig;
  readonly tokenizer: Pick<TextTokenizer, 'decode'>;
  readonly layOut: LayOut;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Records for the n-grams. */
export interface NgramRecords {
  readonly records: readonly LabelledExchange[];
  /** Records of each expert of the configuration, and those that its opinion is calibrated on. @default [] */
  readonly experts?: readonly { readonly criterion: string; readonly training: readonly LabelledExchange[]; readonly held: readonly LabelledExchange[] }[];
}

interface Row {
  readonly record: LabelledExchange;
  readonly vectors: NgramVectors;
}

/**
 * Trains the wide half of an inspector: a logistic regression a criterion over the n-grams of responses, another over
 * those of sentences; of each expert one for its opinion, calibrated, and one for its gate.
 */
export async function trainNgrams({ records, experts = [] }: NgramRecords, options: NgramOptions): Promise<Weights> {
  const { config, layOut, seed, signal } = options;
  const characters = Array.from({ length: config.vocabularySize }, (_, id) => (id < config.specialIds.firstText ? [] : characterNgrams(options.tokenizer.decode([id]))));
  const given = tokenTables(options, characters);
  await using session = await createFeatureSession(config, given);
  const firstCharacter = denseFeatureCount + config.ngramBuckets;
  const source = { session, firstCharacter, charactersOf: (id: number) => characters[id] ?? [] };
  const rowsOf = async (from: readonly LabelledExchange[]): Promise<Row[]> => {
    const rows: Row[] = [];
    for (const record of from) {
      signal?.throwIfAborted();
      rows.push({ record, vectors: await ngramVectorsOf(source, layOut(record.exchange)) });
    }
    return rows;
  };
  const settings: LogisticSettings = { size: firstCharacter + characterBuckets, epochs: 12, learningRate: 0.1, l2: 0.001, seed };
  const rows = await rowsOf(records);
  const train = (examplesOf: (row: Row, criterion: string) => LogisticExample[]): Float64Array[] =>
    config.criteria.map((criterion) => trainLogisticRegression(rows.flatMap((row) => examplesOf(row, criterion)), settings));
  const columns: Float64Array[] = [];
  for (const { criterion, training, held } of experts) {
    columns.push(...trainExpert({ criterion, own: await rowsOf(training), held: await rowsOf(held), others: rows, settings }));
  }
  const tables = (name: string, heads: readonly Float64Array[]): Weights => toTables(name, { heads, buckets: config.ngramBuckets, characters });
  return new Map([...given, ...tables('ngrams', [...train(responseExamples), ...columns]), ...tables('sentence_ngrams', train(sentenceExamples))]);
}

interface ExpertRows {
  readonly criterion: string;
  readonly own: readonly Row[];
  readonly held: readonly Row[];
  /** Rows of the training's own style. */
  readonly others: readonly Row[];
  readonly settings: LogisticSettings;
}

/** The weights of an expert's opinion, whose logits are calibrated, and of its gate. */
function trainExpert({ criterion, own, held, others, settings }: ExpertRows): [Float64Array, Float64Array] {
  const opinion = trainLogisticRegression(own.flatMap((row) => responseExamples(row, criterion)), settings);
  const rows = held.flatMap((row) => responseExamples(row, criterion));
  const { scale, bias } = fitPlattScaling(rows.map(({ vector }) => logit(opinion, vector)), rows.map(({ label }) => label));
  const calibrated = opinion.map((weight) => weight * scale);
  // the first dense feature is a constant
  calibrated[0] = (calibrated[0] ?? 0) + bias / denseScale;
  const gateOf = (isOwn: boolean) => ({ record, vectors }: Row): LogisticExample => ({ vector: vectors.response, label: isOwn, weight: record.weight });
  return [calibrated, trainLogisticRegression([...own.map(gateOf(true)), ...others.map(gateOf(false))], settings)];
}

function responseExamples({ record, vectors }: Row, criterion: string): LogisticExample[] {
  const label = record.labels[criterion];
  return label === undefined ? [] : [{ vector: vectors.response, label: isMisaligned(label), weight: record.weight }];
}

/** Sentences count where it is certain which of them are at fault. */
function sentenceExamples({ record, vectors }: Row, criterion: string): LogisticExample[] {
  const { sentences } = record;
  if (sentences === undefined || (sentences.weight ?? 1) < 1) return [];
  return vectors.sentences.flatMap((vector, index) => {
    const label = sentences.labels[index]?.[criterion];
    return label === undefined ? [] : [{ vector, label: isMisaligned(label), weight: record.weight }];
  });
}

/** Marks the tokens of the vocabulary that hold a digit, and counts the character n-grams of each. */
function tokenTables({ tokenizer, config: { vocabularySize } }: NgramOptions, characters: readonly (readonly number[])[]): Weights {
  const column = (valueOf: (id: number) => number): Weight => ({
    dims: [vocabularySize, 1],
    data: Float32Array.from({ length: vocabularySize }, (_, id) => valueOf(id)),
  });
  return new Map([
    [numberTokensName, column((id) => (/\d/.test(tokenizer.decode([id])) ? 1 : 0))],
    [characterCountsName, column((id) => characters[id]?.length ?? 0)],
  ]);
}

interface TableRequest {
  readonly heads: readonly Float64Array[];
  readonly buckets: number;
  /** Rows of each token's character n-grams. */
  readonly characters: readonly (readonly number[])[];
}

/** The weights of all heads as tables of n-grams, of dense features, and of tokens by their characters; a column a head. */
function toTables(name: string, { heads, buckets, characters }: TableRequest): Weights {
  const table = (rows: number, valueOf: (weights: Float64Array, row: number) => number): Weight => ({
    dims: [rows, heads.length],
    data: Float32Array.from({ length: rows * heads.length }, (_, at) => {
      const weights = heads[at % heads.length];
      return weights === undefined ? 0 : valueOf(weights, Math.floor(at / heads.length));
    }),
  });
  const first = denseFeatureCount + buckets;
  const ofToken = (weights: Float64Array, id: number): number => (characters[id] ?? []).reduce((sum, row) => sum + (weights[first + row] ?? 0), 0);
  return new Map([
    [`${name}.weight`, table(buckets, (weights, row) => weights[denseFeatureCount + row] ?? 0)],
    [`${name}.dense`, table(denseFeatureCount, (weights, row) => weights[row] ?? 0)],
    [`${name}.characters`, table(characters.length, ofToken)],
  ]);
}
