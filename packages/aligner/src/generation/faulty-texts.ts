import type { Verdict } from '@align-squad/core';
import { faultySentences } from '../edits/sentence-edits.js';

// More would say that everything is at fault.
const mostSentences = 5;

/** Sentences of the response that the verdict blames, worst first; none where it says nothing of sentences. */
export function faultyTexts(response: string, verdict: Pick<Verdict, 'spans' | 'threshold'> | undefined): string[] {
  const spans = verdict?.spans ?? [];
  const [indices = []] = faultySentences(spans, verdict?.threshold ?? 1);
  return indices
    .flatMap((index) => spans[index] ?? [])
    .sort((a, b) => b.misalignment - a.misalignment)
    .map(({ start, end }) => response.slice(start, end).trim())
    .filter((text) => text !== '')
    .slice(0, mostSentences);
}
