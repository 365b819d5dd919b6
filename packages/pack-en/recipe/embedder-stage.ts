import { createRandom, type Random } from '@align-squad/core';
import { int64, type TextTokenizer } from '@align-squad/onnx';
import {
  buildContrastiveLoss,
  cosineSchedule,
  createTrainingStep,
  writeWeights,
  type Batch,
  type PairShape,
  type Weights,
} from '@align-squad/train';
import { splitForCalibration } from './split.js';
import { loadRecipeTokenizer } from './model.js';
import { paths } from './paths.js';
import type { Report } from './report.js';
import { readParagraphs, readTriples } from './sources.js';
import { sentenceTexts } from './triple-units.js';

const pairsInBatch = 192;
const queryTokens = 32;
const keyTokens = 96;

/** Width of the embeddings that replacements are found by. */
export const embedderWidth = 64;

/** A text and one that belongs to it, as token ids. */
interface TextPair {
  readonly query: readonly number[];
  readonly key: readonly number[];
}

/** Trains the embedder to find the answer of a prompt among others; writes `embedder.safetensors`. */
export async function trainEmbedder(options: { readonly epochs: number; readonly seed: number }, report: Report): Promise<void> {
  const random = createRandom(options.seed);
  const tokenizer = await loadRecipeTokenizer();
  const { training } = splitForCalibration(await readTriples('train'));
  const triplePairs = training.flatMap(({ prompt, aligned }) => toPair(tokenizer, prompt, aligned));
  const textbooks = random.shuffle((await readParagraphs('text-openstax')).filter(({ length }) => length > 200 && length < 800));
  const textbookPairs = textbooks.slice(0, 12_000).flatMap((paragraph) => {
    const [first = '', ...rest] = sentenceTexts(paragraph);
    return rest.length === 0 ? [] : toPair(tokenizer, first, rest.join(' '));
  });
  const weights: Weights = new Map();
  const shape: PairShape = [pairsInBatch, queryTokens, keyTokens];
  const embedder = { vocabularySize: tokenizer.vocabularySize, width: embedderWidth };
  const step = await createTrainingStep({
    weights,
    random,
    firstShape: shape,
    buildLoss: (graph, weight, size: PairShape) => buildContrastiveLoss(graph, weight, embedder, size),
    weightDecay: 0,
  });
  const epoch = (): TextPair[] => random.shuffle([...triplePairs, ...textbookPairs.slice(0, triplePairs.length)]);
  const stepsAnEpoch = Math.floor((2 * triplePairs.length) / pairsInBatch);
  const schedule = { peak: 3e-3, warmupSteps: 50, totalSteps: options.epochs * stepsAnEpoch };
  let done = 0;
  for (let number = 1; number <= options.epochs; number++) {
    const pairs = epoch();
    random.shuffle(textbookPairs);
    let total = 0;
    for (let at = 0; at + pairsInBatch <= pairs.length; at += pairsInBatch) {
      total += await step.run(toBatch(pairs.slice(at, at + pairsInBatch), shape, random), cosineSchedule(++done, schedule));
    }
    report(`embedder epoch ${number}/${options.epochs} loss ${(total / stepsAnEpoch).toFixed(3)}`);
  }
  step.save();
  await step.dispose();
  await writeWeights(`${paths.runs}embedder.safetensors`, weights);
}

function toPair(tokenizer: TextTokenizer, query: string, key: string): TextPair[] {
  const pair = { query: tokenizer.encode(query), key: tokenizer.encode(key) };
  return pair.query.length > 0 && pair.key.length > 0 ? [pair] : [];
}

/** Tokens are dropped at random, so that pairs are not learned by heart. */
function toBatch(pairs: readonly TextPair[], shape: PairShape, random: Random): Batch<PairShape> {
  const side = (texts: readonly (readonly number[])[], length: number): { ids: BigInt64Array; mask: BigInt64Array } => {
    const ids = new BigInt64Array(pairs.length * length);
    const mask = new BigInt64Array(pairs.length * length);
    texts.forEach((text, row) => {
      text.slice(0, length).forEach((id, place) => {
        if (place > 0 && random.next() < 0.15) return;
        ids[row * length + place] = BigInt(id);
        mask[row * length + place] = 1n;
      });
    });
    return { ids, mask };
  };
  const [count, queryLength, keyLength] = shape;
  const query = side(pairs.map((pair) => pair.query), queryLength);
  const key = side(pairs.map((pair) => pair.key), keyLength);
  return {
    shape,
    inputs: {
      query_ids: int64(query.ids, [count, queryLength]),
      query_mask: int64(query.mask, [count, queryLength]),
      key_ids: int64(key.ids, [count, keyLength]),
      key_mask: int64(key.mask, [count, keyLength]),
    },
  };
}
