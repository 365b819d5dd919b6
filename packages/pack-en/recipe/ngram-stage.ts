import { layoutWindows, tokenizeExchange } from '@align-squad/inspector';
import { createSession, int64, type OnnxSession } from '@align-squad/onnx';
import { GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import {
  buildNgramFeatures,
  createRandom,
  denseFeatureCount,
  frozenWeights,
  numberTokensName,
  trainLogisticRegression,
  writeWeights,
  type LogisticExample,
  type SparseVector,
  type Weights,
} from '@align-squad/train';
import { brokenFacts } from './augmented-units.js';
import { trainingLimits } from './batches.js';
import type { CriterionId, Example } from './examples.js';
import { criteria, loadRecipeModel, type RecipeModel } from './model.js';
import { paths } from './paths.js';
import type { Report } from './report.js';
import { splitForCalibration } from './split.js';
import { readTriples, type Triple } from './sources.js';
import { alignedExample, misalignedExample } from './triple-units.js';

/** Trains the wide half, a logistic regression a criterion over n-grams of token ids; writes `ngrams.safetensors`. */
export async function trainNgrams(options: { readonly seed: number }, report: Report): Promise<void> {
  const model = await loadRecipeModel();
  const { training } = splitForCalibration(await readTriples('train'));
  const graph = new GraphBuilder();
  const numbers = numberTokens(model);
  const { buckets, shares, dense } = buildNgramFeatures(graph, frozenWeights(graph, numbers), model.config, ['batch', 'sequence']);
  await using session = await createSession(writeModel(graph.model([buckets, shares, dense], { [buckets]: 'buckets', [shares]: 'shares', [dense]: 'dense' })));
  const { ngramBuckets } = model.config;
  const heads = criteria.length;
  const table = new Float32Array(ngramBuckets * heads);
  const denseWeights = new Float32Array(denseFeatureCount * heads);
  for (const [head, criterion] of criteria.entries()) {
    const examples: LogisticExample[] = [];
    for (const { example, label } of rowsOf(criterion, training, options.seed)) {
      examples.push({ vector: await featuresOf(session, example, model), label });
    }
    const settings = { size: denseFeatureCount + ngramBuckets, epochs: 10, learningRate: 0.1, l2: 0.003, seed: options.seed };
    const weights = trainLogisticRegression(examples, settings);
    weights.forEach((value, at) => {
      if (at < denseFeatureCount) denseWeights[at * heads + head] = value;
      else table[(at - denseFeatureCount) * heads + head] = value;
    });
    report(`n-grams of ${criterion}: ${examples.length} rows`);
  }
  const trained: Weights = new Map([
    ...numbers,
    ['ngrams.weight', { dims: [ngramBuckets, heads], data: table }],
    ['ngrams.dense', { dims: [denseFeatureCount, heads], data: denseWeights }],
  ]);
  await writeWeights(`${paths.runs}ngrams.safetensors`, trained);
}

/** Marks the tokens of the vocabulary that hold a digit. */
function numberTokens({ tokenizer, config }: RecipeModel): Weights {
  const data = Float32Array.from({ length: config.vocabularySize }, (_, id) => (/\d/.test(tokenizer.decode([id])) ? 1 : 0));
  return new Map([[numberTokensName, { dims: [config.vocabularySize, 1], data }]]);
}

interface Row {
  readonly example: Example;
  readonly label: boolean;
}

/** Misaligned texts of the criterion against aligned texts of its records, identity and clean ones; facts also broken by rule. */
function rowsOf(criterion: CriterionId, triples: readonly Triple[], seed: number): Row[] {
  const rows = triples.flatMap((triple): Row[] => {
    const isAligned = triple.identity || triple.criterion === 'clean';
    if (!isAligned && triple.criterion !== criterion) return [];
    const aligned = { example: alignedExample(triple), label: false };
    return isAligned ? [aligned] : [aligned, { example: misalignedExample(triple, criterion), label: true }];
  });
  if (criterion !== 'factual') return rows;
  const broken = brokenFacts(triples, 1000, createRandom(seed)).flatMap(({ first, second }): Row[] => [
    { example: first, label: true },
    { example: second, label: false },
  ]);
  return [...rows, ...broken];
}

async function featuresOf(session: OnnxSession, { exchange }: Example, { tokenizer, config }: RecipeModel): Promise<SparseVector> {
  const [window] = layoutWindows(tokenizeExchange(tokenizer, exchange), config.specialIds, trainingLimits);
  const ids = window?.ids ?? [];
  const dims = [1, ids.length];
  const { buckets, shares, dense } = await session.run({ input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) });
  const values = new Map<number, number>();
  Array.from(dense?.data ?? [], Number).forEach((value, at) => values.set(at, value));
  Array.from(buckets?.data ?? [], Number).forEach((bucket, at) => {
    const share = Number(shares?.data[at]);
    if (share !== 0) values.set(denseFeatureCount + bucket, (values.get(denseFeatureCount + bucket) ?? 0) + share);
  });
  return { indices: Uint32Array.from(values.keys()), values: Float32Array.from(values.values()) };
}
