import { fitLogistic, type FitRow } from '@align-squad/eval';
import { writeModel } from '@align-squad/onnx/graph';
import type { EncoderConfig } from '../models/encoder-config.js';
import type { Weight, Weights } from '../models/weights.js';
import { exportWideAndDeep } from './export-inspector.js';
import { headAurocs, headLogits, sentenceLogits } from './labelled-logits.js';
import type { ScoredExchange } from './score-exchanges.js';

/** The parts of an inspector, trained apart. */
export interface InspectorParts {
  readonly encoder: Weights;
  /** n-gram tables that never saw the held-out records. */
  readonly heldNgrams: Weights;
  /** Those that did, to publish. */
  readonly ngrams: Weights;
}

/** Encoder and n-grams with their shares. */
export interface MixedInspector {
  /** With the n-grams that never saw the held-out records. */
  readonly held: Weights;
  /** With those that did. */
  readonly whole: Weights;
  /** AUROC by criterion on the held-out records, of each part by itself. */
  readonly aurocs: Readonly<Record<'encoder' | 'ngrams' | 'worstSentence', Readonly<Record<string, number>>>>;
}

const shareNames = ['mix.bias', 'mix.deep', 'mix.wide', 'mix.sentence', 'sentence_mix.deep', 'sentence_mix.wide'] as const;
type Shares = Partial<Record<(typeof shareNames)[number], number>>;

/**
 * Fits on held-out records how much encoder, n-grams and the worst sentence count (stacking, Wolpert 1992); sentences
 * first, since the worst one depends on their mix.
 */
export async function mixParts(
  parts: InspectorParts,
  config: EncoderConfig,
  score: (model: Uint8Array) => Promise<ScoredExchange[]>,
): Promise<MixedInspector> {
  const { criteria } = config;
  const trained: Weights = new Map([...parts.encoder, ...parts.heldNgrams]);
  const alone = (shares: Shares, more: Weights = new Map()): Promise<ScoredExchange[]> =>
    score(writeModel(exportWideAndDeep(new Map([...trained, ...constantShares(shares, criteria.length), ...more]), config)));
  const deep = await alone({ 'mix.deep': 1, 'sentence_mix.deep': 1 });
  const wide = await alone({ 'mix.wide': 1, 'sentence_mix.wide': 1 });
  const sentenceMix = fitMix('sentence_mix', { deep, wide }, criteria);
  const sentence = await alone({ 'mix.sentence': 1 }, sentenceMix);
  const mix = fitMix('mix', { deep, wide, sentence }, criteria);
  return {
    held: new Map([...trained, ...sentenceMix, ...mix]),
    whole: new Map([...parts.encoder, ...parts.ngrams, ...sentenceMix, ...mix]),
    aurocs: { encoder: headAurocs(deep, criteria), ngrams: headAurocs(wide, criteria), worstSentence: headAurocs(sentence, criteria) },
  };
}

function fitMix(name: 'mix' | 'sentence_mix', parts: Readonly<Record<string, readonly ScoredExchange[]>>, criteria: readonly string[]): Weights {
  const logitsOf = name === 'mix' ? headLogits : sentenceLogits;
  const fitted = criteria.map((criterion, head) => {
    const columns = Object.values(parts).map((scored) => logitsOf(scored, criterion, head));
    const [labelled = []] = columns;
    // Without labelled sentences there is nothing to fit; the parts count alike.
    if (labelled.length === 0) return columns.map(() => 1 / columns.length);
    return fitLogistic(labelled.map(({ label }, at): FitRow => ({ label, features: columns.map((column) => column[at]?.logit ?? 0) })));
  });
  const shareOf = (index: number): Float32Array => Float32Array.from(fitted, (weights) => Math.max(0, weights[index] ?? 0));
  const names = Object.keys(parts);
  const shares: Weights = new Map(names.map((part, index) => [`${name}.${part}`, { dims: [criteria.length], data: shareOf(index) }]));
  // the fit's last weight is its constant; that of sentences would only shift their thresholds
  if (name === 'mix') shares.set('mix.bias', { dims: [criteria.length], data: Float32Array.from(fitted, (weights) => weights[names.length] ?? 0) });
  return shares;
}

function constantShares(shares: Shares, heads: number): Weights {
  return new Map(shareNames.map((name): [string, Weight] => [name, { dims: [heads], data: new Float32Array(heads).fill(shares[name] ?? 0) }]));
}
