import { fileURLToPath } from 'node:url';
import { runJson } from './run-child.js';

/** What one core of the machine does at best, measured in onnxruntime-node at one thread. */
export interface Roofline {
  /** Multiplications and additions, 10^9 a second, of float32 matrix products. */
  readonly float32Gflops: number;
  /** The same of products in dynamic int8, quantisation of the activations included. */
  readonly int8Gflops: number;
  /** Reading weights much larger than the caches, 10^9 bytes a second: a row times a matrix. */
  readonly memoryGBs: number;
  /** The same for weights of the decoder's size, which the last cache may hold. */
  readonly cachedGBs: number;
}

/** Least time that the roofline allows for a piece of work, and how near the measured time is to it. */
export interface RooflineShare {
  readonly what: string;
  readonly boundMs: number;
  readonly measuredMs: number;
  /** `boundMs / measuredMs`. */
  readonly share: number;
}

/** Sizes of a transformer that its products follow from. */
export interface RooflineShape {
  readonly layers: number;
  readonly width: number;
  readonly feedForwardWidth: number;
  /** Matrices of a feed-forward layer: two, or three where it is gated. */
  readonly feedForwardMatrices: number;
}

/** A decoder's rewrite. */
export interface DecodeWork {
  readonly promptTokens: number;
  /** Runs after the prompt's. */
  readonly passes: number;
  /** Tokens that those runs take in, drafts included. */
  readonly tokens: number;
}

/** Measures the roofline in a process of its own; undefined when it failed. */
export function measureRoofline(): Promise<Roofline | undefined> {
  return runJson<Roofline>(process.execPath, [...process.execArgv, fileURLToPath(new URL('./roofline/measure.ts', import.meta.url))]);
}

/** Weights of the matrix products of all layers: four [width, width] of the attention, and those of the feed-forward layer. */
function layerWeights({ layers, width, feedForwardWidth, feedForwardMatrices }: RooflineShape): number {
  return layers * (4 * width * width + feedForwardMatrices * width * feedForwardWidth);
}

/**
 * Least milliseconds of an encoder pass over n tokens. A product with a weight costs 2 FLOPs a weight and token, in int8: each layer has
 * 4 width^2 (query, key, value, output) and 2 width * feedForwardWidth weights. Scores and mixing of the attention cost 4 n width
 * a token and layer, in float32. What is left out (norms, softmax, n-grams, heads) is what keeps a pass from its bound.
 */
export function inspectionBoundMs({ float32Gflops, int8Gflops }: Roofline, shape: RooflineShape, tokens: number): number {
  const products = 2 * layerWeights(shape) * tokens;
  const attention = 4 * tokens * tokens * shape.width * shape.layers;
  return (products / int8Gflops + attention / float32Gflops) / 1e6;
}

/**
 * Least milliseconds of a decode in int8: the prompt is bound by its products (2 FLOPs a weight of the layers and token; attention to the
 * tokens before, 2 n^2 width a layer, in float32), each later run by the slower of its products, those with the vocabulary among
 * them, and of reading all weights once at a byte each, at the rate for weights of that size.
 */
export function decodeBoundMs(roofline: Roofline, shape: RooflineShape & { readonly vocabularySize: number }, work: DecodeWork): number {
  const { float32Gflops, int8Gflops, cachedGBs } = roofline;
  const weights = layerWeights(shape);
  const all = weights + shape.vocabularySize * shape.width;
  const prompt = (2 * (weights * work.promptTokens + shape.vocabularySize * shape.width)) / int8Gflops + (2 * work.promptTokens ** 2 * shape.width * shape.layers) / float32Gflops;
  const passes = Math.max((2 * all * work.tokens) / int8Gflops, (all * work.passes) / cachedGBs);
  return (prompt + passes) / 1e6;
}

/** A measured time beside its bound. */
export function shareOf(what: string, boundMs: number, measuredMs: number): RooflineShare {
  return { what, boundMs, measuredMs, share: boundMs / measuredMs };
}

/** A share as a line for people. */
export function formatShare({ what, boundMs, measuredMs, share }: RooflineShare): string {
  return `bound    ${what}: ${boundMs.toFixed(2)} ms at the peak of one core, ${measuredMs.toFixed(2)} ms measured: ${(100 * share).toFixed(0)} %`;
}

/** The roofline as a line for people. */
export function formatRoofline({ float32Gflops, int8Gflops, memoryGBs, cachedGBs }: Roofline): string {
  return `peak     one thread: ${float32Gflops.toFixed(0)} GFLOP/s float32, ${int8Gflops.toFixed(0)} int8; ${memoryGBs.toFixed(1)} GB/s from memory, ${cachedGBs.toFixed(1)} GB/s of a decoder's 17 MB`;
}
