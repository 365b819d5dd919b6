import {
  AlignSquadError,
  toAlignSquadError,
  type Exchange,
  type Inspection,
  type Inspector,
  type Verdict,
} from '@align-squad/core';
import type { CallScope } from './call-scope.js';
import { checkVerdict, failedVerdict, type Restate } from './verdicts.js';

/** What a panel of inspectors says of one exchange. */
export interface PanelResult {
  /** A verdict for every criterion that was asked for, in that order. */
  readonly inspection: Inspection;
  /** Calls of `inspect` that the exchange took part in. */
  readonly calls: number;
  readonly milliseconds: number;
  /** The first failure; the criteria that it hit are `unknown`. */
  readonly failure?: AlignSquadError | undefined;
}

/** What `inspectWithPanel` works with. */
export interface PanelOptions {
  readonly inspectors: readonly Inspector[];
  readonly criteria: readonly string[];
  readonly restate: Restate;
  readonly scope: CallScope;
  readonly now: () => number;
  /** Told of each call of `Inspector.inspect`. */
  readonly onCall?: (() => void) | undefined;
}

type Share = Omit<PanelResult, 'inspection'> & { readonly verdicts: ReadonlyMap<string, Verdict> };

interface Post {
  readonly inspector: Inspector;
  readonly criteria: readonly string[];
}

/**
 * Asks for each criterion the first inspector that serves it, all inspectors at once, each in batches that it can take.
 * An inspector that fails, is late or contradicts the contract gives `unknown`; only the caller's abort rejects.
 */
export async function inspectWithPanel(exchanges: readonly Exchange[], panel: PanelOptions): Promise<PanelResult[]> {
  const posts = assignPosts(panel.inspectors, panel.criteria);
  const shares = await Promise.all(posts.map((post) => askInspector(post, exchanges, panel)));
  return exchanges.map((_exchange, index) =>
    merge(
      shares.flatMap((share) => share[index] ?? []),
      panel,
    ),
  );
}

function assignPosts(inspectors: readonly Inspector[], criteria: readonly string[]): Post[] {
  const firstFor = (criterion: string): Inspector | undefined =>
    inspectors.find((inspector) => inspector.criteria.includes(criterion));
  return inspectors
    .map((inspector) => ({ inspector, criteria: criteria.filter((criterion) => firstFor(criterion) === inspector) }))
    .filter((post) => post.criteria.length > 0);
}

function merge(shares: readonly Share[], panel: PanelOptions): PanelResult {
  const verdicts = new Map(shares.flatMap((share) => [...share.verdicts]));
  return {
    inspection: Object.fromEntries(
      panel.criteria.map((criterion) => [
        criterion,
        panel.restate(criterion, verdicts.get(criterion) ?? failedVerdict),
      ]),
    ),
    calls: shares.reduce((sum, share) => sum + share.calls, 0),
    milliseconds: Math.max(0, ...shares.map((share) => share.milliseconds)),
    failure: shares.find((share) => share.failure)?.failure,
  };
}

async function askInspector(post: Post, exchanges: readonly Exchange[], panel: PanelOptions): Promise<Share[]> {
  const size = Math.floor(post.inspector.abilities.maxBatchSize);
  const shares: Share[] = [];
  for (let start = 0; start < exchanges.length; start += size) {
    shares.push(...(await askBatch(post, exchanges.slice(start, start + size), panel)));
  }
  return shares;
}

async function askBatch(post: Post, batch: readonly Exchange[], panel: PanelOptions): Promise<Share[]> {
  const startedMs = panel.now();
  let calls = 0;
  try {
    const inspections = await panel.scope.race((signal) => {
      calls += 1;
      panel.onCall?.();
      return post.inspector.inspect(batch, { criteria: post.criteria, signal });
    });
    if (!Array.isArray(inspections) || inspections.length !== batch.length) {
      throw new AlignSquadError('The inspector gave another number of inspections than it got exchanges.', {
        code: 'inspector-failed',
      });
    }
    const milliseconds = panel.now() - startedMs;
    return batch.map((_exchange, index) => ({
      ...readVerdicts(inspections[index], post.criteria),
      calls,
      milliseconds,
    }));
  } catch (error) {
    panel.scope.throwIfAborted();
    const failure = toAlignSquadError(error, 'An inspector failed.', 'inspector-failed');
    const lost = { verdicts: new Map(), calls, milliseconds: panel.now() - startedMs, failure };
    if (batch.length === 1 || panel.scope.expired()) return batch.map(() => lost);
    return askSingly(post, batch, lost, panel);
  }
}

/** One exchange that breaks an inspector must not lose the others of its batch. */
async function askSingly(post: Post, batch: readonly Exchange[], lost: Share, panel: PanelOptions): Promise<Share[]> {
  const shares: Share[] = [];
  for (const exchange of batch) {
    for (const share of await askBatch(post, [exchange], panel)) {
      shares.push({
        ...share,
        calls: lost.calls + share.calls,
        milliseconds: lost.milliseconds + share.milliseconds,
      });
    }
  }
  return shares;
}

function readVerdicts(
  inspection: Inspection | undefined,
  criteria: readonly string[],
): Pick<Share, 'verdicts' | 'failure'> {
  const verdicts = new Map<string, Verdict>();
  let failure: AlignSquadError | undefined;
  for (const criterion of criteria) {
    try {
      verdicts.set(criterion, checkVerdict(inspection, criterion));
    } catch (error) {
      failure ??= toAlignSquadError(error, 'An inspector failed.', 'inspector-failed');
    }
  }
  return { verdicts, failure };
}
