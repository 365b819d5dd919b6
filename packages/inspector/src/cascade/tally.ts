/** What one link of a cascade did. */
export interface LinkReport {
  readonly version: string;
  /** Exchanges that it was asked about. */
  readonly asked: number;
  /** Share of all verdicts that it decided, in [0, 1]. */
  readonly decided: number;
}

/** What a cascade did so far. */
export interface CascadeReport {
  /** Exchanges that the cascade was asked about. */
  readonly exchanges: number;
  /** In the order of the links; what no link decided is in no share. */
  readonly links: readonly LinkReport[];
  /** Cost of a thousand exchanges, in the unit of the links; 0 before the first. */
  readonly costPerThousand: number;
}

/** Counts the work of a cascade. */
export interface Tally {
  /** Counts an inspection of so many exchanges that ask for so many verdicts. */
  start(exchanges: number, verdicts: number): void;
  /** Counts exchanges that a link is asked about, before it answers. */
  ask(link: number, exchanges: number): void;
  /** Counts verdicts that a link decides. */
  decide(link: number, verdicts: number): void;
  report(): CascadeReport;
}

/** Creates the tally of links. */
export function createTally(links: readonly { readonly version: string; readonly costPerThousand: number }[]): Tally {
  const asked = links.map(() => 0);
  const decided = links.map(() => 0);
  let exchanges = 0;
  let verdicts = 0;
  const share = (part: number | undefined, whole: number): number => (whole === 0 ? 0 : (part ?? 0) / whole);
  return {
    start(more, wanted) {
      exchanges += more;
      verdicts += wanted;
    },
    ask: (link, more) => void (asked[link] = (asked[link] ?? 0) + more),
    decide: (link, more) => void (decided[link] = (decided[link] ?? 0) + more),
    report: () => ({
      exchanges,
      links: links.map(({ version }, link) => ({ version, asked: asked[link] ?? 0, decided: share(decided[link], verdicts) })),
      costPerThousand: share(links.reduce((sum, { costPerThousand }, link) => sum + (asked[link] ?? 0) * costPerThousand, 0), exchanges),
    }),
  };
}
