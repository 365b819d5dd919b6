import { readWeights, type EncoderConfig, type Weight, type Weights } from '@align-squad/train';
import { fitMix } from './calibrate.js';
import { criteria } from './model.js';
import { ngramFiles } from './ngram-stage.js';
import { paths } from './paths.js';
import { exportWideAndDeep, type InspectorScores } from './score.js';

/** Encoder and n-grams with their shares. */
export interface MixedModel {
  /** With the n-grams that never saw the calibration records. */
  readonly held: Weights;
  /** With those that did, to publish. */
  readonly whole: Weights;
  /** AUROC on the calibration records of each part by itself. */
  readonly aurocs: Readonly<Record<string, InspectorScores['aurocs']>>;
}

const shareNames = ['mix.deep', 'mix.wide', 'mix.sentence', 'sentence_mix.deep', 'sentence_mix.wide'] as const;

/** Fits how much encoder, n-grams and the worst sentence count; sentences first, since the worst one depends on their mix. */
export async function mixParts(config: EncoderConfig, score: (name: string, model: Uint8Array) => Promise<InspectorScores>): Promise<MixedModel> {
  const encoder = await readWeights(`${paths.runs}inspector.safetensors`);
  const trained: Weights = new Map([...encoder, ...(await readWeights(paths.runs + ngramFiles.held))]);
  const alone = (name: string, shares: Partial<Record<(typeof shareNames)[number], number>>, more: Weights = new Map()): Promise<InspectorScores> =>
    score(name, exportWideAndDeep(new Map([...trained, ...constantShares(shares), ...more]), config));
  const deep = await alone('encoder', { 'mix.deep': 1, 'sentence_mix.deep': 1 });
  const wide = await alone('n-grams', { 'mix.wide': 1, 'sentence_mix.wide': 1 });
  const sentenceMix = fitMix('sentence_mix', { deep: deep.scored, wide: wide.scored });
  const sentence = await alone('worst sentence', { 'mix.sentence': 1 }, sentenceMix);
  const mix = fitMix('mix', { deep: deep.scored, wide: wide.scored, sentence: sentence.scored });
  return {
    held: new Map([...trained, ...sentenceMix, ...mix]),
    whole: new Map([...encoder, ...(await readWeights(paths.runs + ngramFiles.whole)), ...sentenceMix, ...mix]),
    aurocs: { encoder: deep.aurocs, ngrams: wide.aurocs, worstSentence: sentence.aurocs },
  };
}

function constantShares(shares: Partial<Record<(typeof shareNames)[number], number>>): Weights {
  const heads = criteria.length;
  return new Map(shareNames.map((name): [string, Weight] => [name, { dims: [heads], data: new Float32Array(heads).fill(shares[name] ?? 0) }]));
}
