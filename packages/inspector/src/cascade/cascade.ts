import { AlignSquadError, parseExchange, parseWith, type Exchange, type InspectOptions, type Inspector, type Verdict } from '@align-squad/core';
import { assertServed } from '../contract/assert-served.js';
import { askLink, type LinkAnswer, type OpenExchange } from './ask-link.js';
import { cascadeOptionsSchema, isSure, linksSchema, type CascadeLink, type CascadeOptions } from './options.js';
import { createTally, type CascadeReport, type Tally } from './tally.js';

/** Inspectors in a row, the cheap ones first. */
export interface CascadeInspector extends Inspector {
  /** What it did since it was created. */
  report(): CascadeReport;
}

interface Open extends OpenExchange {
  readonly decided: Map<string, Verdict>;
}

/**
 * Creates an inspector of several (LLM chain ensembles, 2410.13006): each criterion of an exchange is decided by the
 * first link that is sure, otherwise by the last one that serves it. What a link is not sure of goes on to the next
 * together, and so does what it failed on; what has no text or no context does not. A verdict is that of the link that
 * decided, with its threshold and spans. It serves what any of its links does, and owns none of them.
 * @throws AlignSquadError `invalid-options`; an inspection rejects with `inspector-failed` when the last link that
 * serves a criterion fails, with its error as the cause.
 */
export function cascade(links: readonly CascadeLink[], options: CascadeOptions = {}): CascadeInspector {
  const parsed = parseWith(linksSchema, links, { what: 'links of `cascade`', code: 'invalid-options' });
  const { version } = parseWith(cascadeOptionsSchema, options, { what: 'options of `cascade`', code: 'invalid-options' });
  const inspectors = parsed.map(({ inspector }) => inspector);
  const served = [...new Set(inspectors.flatMap(({ criteria }) => criteria))];
  const tally = createTally(parsed.map(({ inspector, costPerThousand = 0 }) => ({ version: inspector.version, costPerThousand })));
  return {
    contract: 'inspector/1',
    version: version ?? `cascade/1 ${inspectors.map((inspector) => inspector.version).join(' > ')}`,
    criteria: served,
    abilities: { maxBatchSize: 256, deterministic: inspectors.every(({ abilities }) => abilities.deterministic), unfinished: joinUnfinished(inspectors, served) },
    async inspect(exchanges: readonly Exchange[], { criteria = served, signal }: InspectOptions = {}) {
      signal?.throwIfAborted();
      assertServed(criteria, served);
      const all = exchanges.map((exchange): Open => ({ exchange: parseExchange(exchange), criteria, decided: new Map() }));
      tally.start(all.length, all.length * criteria.length);
      for (const link of parsed.keys()) await passLink(parsed, link, { all, tally, signal });
      return all.map(({ decided }) => Object.fromEntries(decided));
    },
    report: tally.report,
  };
}

/** From when an unfinished response is flagged: by the strictest of the links of a criterion, and not where one can't judge it. */
function joinUnfinished(inspectors: readonly Inspector[], served: readonly string[]): Record<string, number | null> {
  const entries = served.flatMap((criterion): [string, number | null][] => {
    const told = inspectors.filter(({ criteria }) => criteria.includes(criterion)).map(({ abilities }) => abilities.unfinished?.[criterion]);
    if (told.includes(null)) return [[criterion, null]];
    const numbers = told.filter((threshold) => typeof threshold === 'number');
    return numbers.length === told.length ? [[criterion, Math.min(...numbers)]] : [];
  });
  return Object.fromEntries(entries);
}

/** Lets one link decide what it can of what is open. */
async function passLink(
  links: readonly CascadeLink[],
  place: number,
  { all, tally, signal }: { readonly all: readonly Open[]; readonly tally: Tally; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const link = links[place];
  if (!link) return;
  const later = new Set(links.slice(place + 1).flatMap(({ inspector }) => inspector.criteria));
  const open = all.flatMap((one): Open[] => {
    const criteria = one.criteria.filter((criterion) => link.inspector.criteria.includes(criterion) && !one.decided.has(criterion));
    return criteria.length === 0 ? [] : [{ ...one, criteria }];
  });
  tally.ask(place, open.length);
  const answers = await askLink(link.inspector, open, signal);
  for (const [index, { criteria, decided }] of open.entries()) {
    for (const criterion of criteria) {
      const verdict = decide(answers[index], criterion, link, !later.has(criterion));
      if (!verdict) continue;
      decided.set(criterion, verdict);
      tally.decide(place, 1);
    }
  }
}

/** The verdict of a link where it decides, undefined where the next one is to. */
function decide(answer: LinkAnswer | undefined, criterion: string, link: CascadeLink, isLast: boolean): Verdict | undefined {
  const verdict = answer && 'verdicts' in answer ? answer.verdicts[criterion] : undefined;
  if (!verdict) {
    if (!isLast) return undefined;
    const cause = answer && 'failure' in answer ? answer.failure : undefined;
    throw new AlignSquadError('The last inspector of a cascade failed; the cause says why.', { code: 'inspector-failed', cause });
  }
  if (isLast) return verdict;
  if (verdict.status === 'unknown') return verdict.reason === 'empty' || verdict.reason === 'no-context' ? verdict : undefined;
  return isSure(link, criterion, verdict.misalignment) ? verdict : undefined;
}
