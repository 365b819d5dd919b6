import type { TokenWindow } from '../format/layout-windows.js';
import type { InspectorHead } from './manifest.js';

/** P(misaligned) of one window under each head, and of each of its sentences. */
export interface WindowScores {
  readonly window: Pick<TokenWindow, 'markers' | 'stretch'>;
  /** By head. */
  readonly response: readonly number[];
  /** By marker of the window, then by head. */
  readonly sentences: readonly (readonly number[])[];
}

/** P(misaligned) of a whole response under one head, and of its sentences by index. */
export interface PooledScores {
  readonly response: number;
  readonly sentences: ReadonlyMap<number, number>;
}

/** Calibrated probability of a logit. */
export function toProbability(logit: number, { calibration }: InspectorHead): number {
  return 1 / (1 + Math.exp(-(calibration.scale * logit + calibration.bias)));
}

/**
 * Pools the windows of one response under head number `index`.
 * A claim needs support from one part of the context only, so the parts' scores are pooled by their minimum where the
 * criterion needs a context, by their maximum otherwise; stretches by the head's own rule.
 */
export function poolWindows(
  scores: readonly WindowScores[],
  head: Pick<InspectorHead, 'needsContext' | 'acrossStretches'>,
  index: number,
): PooledScores {
  const acrossContexts = head.needsContext ? Math.min : Math.max;
  const byStretch = new Map<number, number>();
  const bySentence = new Map<number, Map<number, number>>();
  for (const { window, response, sentences } of scores) {
    merge(byStretch, window.stretch, response[index] ?? 1, acrossContexts);
    window.markers.forEach(({ sentence }, marker) => {
      const inStretch = bySentence.get(sentence) ?? new Map<number, number>();
      merge(inStretch, window.stretch, sentences[marker]?.[index] ?? 1, acrossContexts);
      bySentence.set(sentence, inStretch);
    });
  }
  const stretches = [...byStretch.values()];
  const response =
    head.acrossStretches === 'max'
      ? stretches.reduce((worst, score) => Math.max(worst, score), 0)
      : stretches.reduce((sum, score) => sum + score, 0) / stretches.length;
  const sentences = new Map([...bySentence].map(([sentence, parts]) => [sentence, Math.max(...parts.values())]));
  return { response, sentences };
}

function merge(into: Map<number, number>, key: number, value: number, choose: (a: number, b: number) => number): void {
  const held = into.get(key);
  into.set(key, held === undefined ? value : choose(held, value));
}
