import type { Annotator } from './label-requests.js';
import type { CascadeLabel, LinkLabels } from './link-labels.js';

/** What a link was asked and what it took. */
export interface LinkRun extends LinkLabels {
  readonly asked: number;
  readonly kept: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What one link did. */
export interface LinkReport {
  readonly annotator: string;
  readonly model: string;
  /** Items that came to the link. */
  readonly asked: number;
  /** Items that it labelled. */
  readonly labelled: number;
  /** Of these, by votes. */
  readonly byVotes: number;
  /** Items that stayed with it. */
  readonly kept: number;
  /** Items whose final label is its own. */
  readonly decided: number;
  /** `decided` as a share of all items, in [0, 1]. */
  readonly decidedShare: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Undefined when the annotator has no price. */
  readonly cost: number | undefined;
}

/** How often two links say the same of what both labelled. */
export interface LinkAgreement {
  readonly annotators: readonly [string, string];
  /** Items that both labelled. */
  readonly both: number;
  /** Items that both gave the same label. */
  readonly equal: number;
}

/** What a cascade did (2410.13006, Cost Efficiency and Scalability). */
export interface CascadeReport {
  readonly items: number;
  /** Items that no link labelled. */
  readonly unlabelled: number;
  readonly links: readonly LinkReport[];
  readonly agreement: readonly LinkAgreement[];
  /** Undefined when an annotator that was asked has no price. */
  readonly cost: number | undefined;
}

/** Counts what the links of a cascade did. */
export function cascadeReport(annotators: readonly Annotator[], runs: readonly LinkRun[], { items, labels }: { readonly items: number; readonly labels: readonly CascadeLabel[] }): CascadeReport {
  const links = annotators.map((annotator): LinkReport => linkReport(annotator, { run: runs.find((run) => run.annotator === annotator.name), items, labels }));
  const costs = links.map(({ cost }) => cost);
  return {
    items,
    unlabelled: items - labels.length,
    links,
    agreement: runs.flatMap((first, at) => runs.slice(at + 1).map((second) => agreementOf(first, second))),
    cost: costs.includes(undefined) ? undefined : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
  };
}

interface LinkSource {
  readonly run: LinkRun | undefined;
  readonly items: number;
  readonly labels: readonly CascadeLabel[];
}

function linkReport({ name, model, costPerToken }: Annotator, { run, items, labels }: LinkSource): LinkReport {
  const { asked = 0, kept = 0, inputTokens = 0, outputTokens = 0, labels: own = [] } = run ?? {};
  const decided = labels.filter(({ annotator }) => annotator === name).length;
  const tokens = inputTokens + outputTokens;
  return {
    annotator: name,
    model,
    asked,
    labelled: own.length,
    byVotes: own.filter(({ by }) => by === 'votes').length,
    kept,
    decided,
    decidedShare: items === 0 ? 0 : decided / items,
    inputTokens,
    outputTokens,
    // A link that nothing came to is free whatever it costs.
    cost: asked === 0 ? 0 : costPerToken === undefined ? undefined : tokens * costPerToken,
  };
}

function agreementOf(first: LinkLabels, second: LinkLabels): LinkAgreement {
  const labels = new Map(first.labels.map(({ id, label }) => [id, label]));
  const both = second.labels.filter(({ id }) => labels.has(id));
  const equal = both.filter(({ id, label }) => labels.get(id) === label);
  return { annotators: [first.annotator, second.annotator], both: both.length, equal: equal.length };
}
