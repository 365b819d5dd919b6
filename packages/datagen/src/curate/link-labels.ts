import type { Label } from '@align-squad/llm/prompts';

/** What one link of a cascade says of an item. */
export interface LinkLabel {
  readonly id: string;
  readonly label: Label;
  /** P(misaligned), in [0, 1]. */
  readonly misaligned: number;
  /** Lead of the label over the other one, in [0, 1]. */
  readonly confidence: number;
  readonly by: 'logprobs' | 'votes';
}

/** The final label of an item. */
export interface CascadeLabel extends LinkLabel {
  /** The annotator whose label it is. */
  readonly annotator: string;
}

/** The labels of one link. */
export interface LinkLabels {
  readonly annotator: string;
  readonly labels: readonly LinkLabel[];
}

/** The label that a probability gives; one half counts as misaligned, which is the side to be looked at again. */
export function linkLabel(id: string, misaligned: number, by: LinkLabel['by']): LinkLabel {
  return { id, label: misaligned >= 0.5 ? 'misaligned' : 'aligned', misaligned, confidence: Math.abs(2 * misaligned - 1), by };
}

/** Where the labels of a link go: those that stay, by one of two rules. */
export interface KeepRule {
  /** Labels of at least this confidence stay, in [0, 1]; it goes before `share`. */
  readonly leastConfidence?: number | undefined;
  /** Share of what the link was asked that stays, the most confident first and with all labels as confident as the last of them. */
  readonly share: number;
}

/** The ids whose label stays with the link (2410.13006, Chain Ensemble Methodology: all else goes on to the next one). */
export function keptIds(labels: readonly LinkLabel[], asked: number, { leastConfidence, share }: KeepRule): ReadonlySet<string> {
  const sorted = labels.map(({ confidence }) => confidence).sort((a, b) => b - a);
  const wanted = Math.min(sorted.length, Math.ceil(share * asked));
  const least = leastConfidence ?? sorted[wanted - 1] ?? Number.POSITIVE_INFINITY;
  return new Set(labels.filter(({ confidence }) => confidence >= least).map(({ id }) => id));
}

/**
 * The label of each item by the link in which its confidence ranks highest among all that the link labelled, as confidences of
 * two models do not compare but ranks do; of two equal ranks the dearer link's counts (rank-based aggregation, 2410.13006, Chain Ensemble Methodology).
 */
export function rankAggregate(links: readonly LinkLabels[]): CascadeLabel[] {
  const best = new Map<string, { readonly label: CascadeLabel; readonly rank: number }>();
  for (const { annotator, labels } of links) {
    const rankOf = ranks(labels.map(({ confidence }) => confidence));
    for (const label of labels) {
      const rank = rankOf.get(label.confidence) ?? 0;
      if (rank >= (best.get(label.id)?.rank ?? 0)) best.set(label.id, { label: { ...label, annotator }, rank });
    }
  }
  return [...best.values()].map(({ label }) => label);
}

/** The rank of each value as a share of all, in (0, 1]; equal values share the mean of their ranks. */
function ranks(values: readonly number[]): ReadonlyMap<number, number> {
  const sorted = [...values].sort((a, b) => a - b);
  const places = new Map<number, { readonly first: number; readonly last: number }>();
  sorted.forEach((value, at) => places.set(value, { first: places.get(value)?.first ?? at, last: at }));
  return new Map([...places].map(([value, { first, last }]) => [value, (first + last + 2) / 2 / sorted.length]));
}
