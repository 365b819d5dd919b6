import type { TextTokenizer } from '@align-squad/onnx';
import { trainLogisticRegression, type LogisticExample, type LogisticSettings } from '../linear/logistic-regression.js';
import type { EncoderConfig } from '../models/encoder-config.js';
import { denseFeatureCount, numberTokensName } from '../models/ngram-features.js';
import type { Weights } from '../models/weights.js';
import { isMisaligned, type LabelledExchange, type LayOut } from './labelled-exchange.js';
import { createFeatureSession, ngramVectorsOf, type NgramVectors } from './ngram-vectors.js';

/** Options of `trainNgrams`. */
export interface NgramOptions {
  readonly config: EncoderConfig;
  readonly tokenizer: Pick<TextTokenizer, 'decode'>;
  readonly layOut: LayOut;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

interface Row {
  readonly record: LabelledExchange;
  readonly vectors: NgramVectors;
}

/**
 * Trains the wide half of an inspector: a logistic regression a criterion over the n-grams of responses, another over
 * those of sentences. Returns one set of weights for each of `sets` of records.
 */
export async function trainNgrams(sets: readonly (readonly LabelledExchange[])[], options: NgramOptions): Promise<Weights[]> {
  const { config, layOut, signal } = options;
  const given = numberTokens(options);
  await using session = await createFeatureSession(config, given);
  const known = new Map<LabelledExchange, Row>();
  for (const record of new Set(sets.flat())) {
    signal?.throwIfAborted();
    known.set(record, { record, vectors: await ngramVectorsOf(session, layOut(record.exchange)) });
  }
  const rowsOf = (records: readonly LabelledExchange[]): Row[] => records.flatMap((record) => known.get(record) ?? []);
  return sets.map((records) => new Map([...given, ...trainTables(rowsOf(records), options)]));
}

function trainTables(rows: readonly Row[], { config, seed }: NgramOptions): Weights {
  const settings: LogisticSettings = { size: denseFeatureCount + config.ngramBuckets, epochs: 6, learningRate: 0.1, l2: 0.001, seed };
  const train = (examplesOf: (row: Row, criterion: string) => LogisticExample[]): Float64Array[] =>
    config.criteria.map((criterion) => trainLogisticRegression(rows.flatMap((row) => examplesOf(row, criterion)), settings));
  return new Map([...toTables('ngrams', train(responseExamples)), ...toTables('sentence_ngrams', train(sentenceExamples))]);
}

function responseExamples({ record, vectors }: Row, criterion: string): LogisticExample[] {
  const label = record.labels[criterion];
  return label === undefined ? [] : [{ vector: vectors.response, label: isMisaligned(label) }];
}

/** Sentences count where it is certain which of them are at fault. */
function sentenceExamples({ record, vectors }: Row, criterion: string): LogisticExample[] {
  const { sentences } = record;
  if (sentences === undefined || (sentences.weight ?? 1) < 1) return [];
  return vectors.sentences.flatMap((vector, index) => {
    const label = sentences.labels[index]?.[criterion];
    return label === undefined ? [] : [{ vector, label: isMisaligned(label) }];
  });
}

/** Marks the tokens of the vocabulary that hold a digit. */
function numberTokens({ tokenizer, config }: NgramOptions): Weights {
  const data = Float32Array.from({ length: config.vocabularySize }, (_, id) => (/\d/.test(tokenizer.decode([id])) ? 1 : 0));
  return new Map([[numberTokensName, { dims: [config.vocabularySize, 1], data }]]);
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
