import { createRandom, type Random } from '@align-squad/core';
import { int64 } from '@align-squad/onnx';
import {
  buildMaskedLanguageModel,
  cosineSchedule,
  createTrainingStep,
  writeWeights,
  type Batch,
  type EncoderConfig,
  type Weights,
} from '@align-squad/train';
import { loadRecipeModel } from './model.js';
import { paths } from './paths.js';
import { packSequences, pretrainingTexts, tokenizeSentences } from './pretraining-data.js';
import type { Report } from './report.js';

const batchSize = 16;
const length = 128;
const maskedTokens = 288;

/** Settings of the pretraining stage. */
export interface PretrainOptions {
  readonly steps: number;
  readonly seed: number;
  readonly threads: number;
}

/** Masked-language-model pretraining of the encoder; writes `pretrained.safetensors`. */
export async function pretrain(options: PretrainOptions, report: Report): Promise<void> {
  const { steps, seed, threads } = options;
  const random = createRandom(seed);
  const { tokenizer, config } = await loadRecipeModel();
  const texts = await pretrainingTexts(random);
  report(`pretraining texts: ${texts.length}`);
  const weights: Weights = new Map();
  const step = createTrainingStep({
    weights,
    random,
    firstShape: [batchSize, length] as readonly [number, number],
    buildLoss: (graph, weight, shape) => buildMaskedLanguageModel(graph, weight, config, shape, maskedTokens),
    threads,
  });
  const sequences = endless(() => packSequences(tokenizeSentences(random.shuffle(texts), tokenizer), config.specialIds, length, random));
  let average = 0;
  for (let count = 1; count <= steps; count++) {
    const batch = maskedBatch(Array.from({ length: batchSize }, () => sequences()), config, random);
    const loss = await step.run(batch, cosineSchedule(count, { peak: 1e-3, warmupSteps: 200, totalSteps: steps }));
    average = count === 1 ? loss : average * 0.98 + loss * 0.02;
    if (count % 50 === 0) report(`pretrain ${count}/${steps} loss ${average.toFixed(3)}`);
    if (count % 250 === 0 || count === steps) {
      step.save();
      await writeWeights(`${paths.runs}pretrained.safetensors`, weights);
    }
  }
  await step.dispose();
}

function endless<T>(start: () => Iterator<T>): () => T {
  let source = start();
  return () => {
    for (;;) {
      const { value, done } = source.next();
      if (!done) return value as T;
      source = start();
    }
  };
}

/** Hides a fixed number of text tokens: 80 % become the mask, 10 % another token, 10 % stay (Devlin et al. 2019). */
function maskedBatch(sequences: readonly number[][], config: EncoderConfig, random: Random): Batch<readonly [number, number]> {
  const { specialIds, vocabularySize } = config;
  const ids = sequences.flat();
  const candidates = random.shuffle(ids.flatMap((id, place) => (id >= specialIds.firstText ? [place] : [])));
  const places = candidates.slice(0, maskedTokens);
  const targets = places.map((place) => ids[place] ?? 0);
  for (const place of places) {
    const draw = random.next();
    if (draw < 0.8) ids[place] = specialIds.mask;
    else if (draw < 0.9) ids[place] = specialIds.firstText + random.integer(vocabularySize - specialIds.firstText);
  }
  return {
    shape: [batchSize, length],
    inputs: {
      input_ids: int64(ids, [batchSize, length]),
      attention_mask: int64(ids.map((id) => (id === specialIds.pad ? 0 : 1)), [batchSize, length]),
      masked_places: int64(places.flatMap((place) => [Math.floor(place / length), place % length]), [maskedTokens, 2]),
      masked_ids: int64(targets, [maskedTokens, 1]),
    },
  };
}
