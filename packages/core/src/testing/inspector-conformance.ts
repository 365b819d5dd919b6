import type { Exchange } from '../exchange.js';
import type { InspectOptions, Inspection, Inspector } from '../inspector.js';
import { checkInspection } from './check-inspection.js';
import {
  check,
  checkAborts,
  checkNoListeners,
  checkRejectsWithCode,
  conformanceCase,
  oddTexts,
  type ConformanceCase,
  type Subjects,
} from './conformance.js';

/** Options of `inspectorConformance`. */
export interface InspectorConformanceOptions extends Subjects<Inspector> {
  /** At least two different ordinary exchanges, with what the inspector needs to judge them. */
  readonly exchanges: readonly Exchange[];
  /** `exchanges` must be judged: `unknown` is a fault. @default true */
  readonly expectUsable?: boolean | undefined;
  /** Criteria that must be `unknown`, reason `no-context`, for an exchange without a context. @default [] */
  readonly needsContext?: readonly string[] | undefined;
}

type Body = (inspector: Inspector) => Promise<void>;

/** What every inspector must do, as cases to loop over: `for (const { name, run } of inspectorConformance(...)) test(name, run)`. */
export function inspectorConformance(options: InspectorConformanceOptions): ConformanceCase[] {
  const { exchanges, needsContext = [], expectUsable = true } = options;
  const ask = (inspector: Inspector, asked: readonly Exchange[], more: InspectOptions = {}): Promise<Inspection[]> =>
    inspectChecked(inspector, asked, more);
  const cases: Readonly<Record<string, Body>> = {
    'describes itself': describesItself,
    'gives one inspection an exchange, in order': (inspector) => keepsOrder(inspector, exchanges),
    'gives an empty list for an empty list': async (inspector) => {
      check((await ask(inspector, [])).length === 0, 'Expected no inspections.');
    },
    'judges only the criteria that it is asked for': async (inspector) => {
      for (const criterion of inspector.criteria) await ask(inspector, exchanges.slice(0, 1), { criteria: [criterion] });
    },
    'rejects an unknown criterion': (inspector) =>
      checkRejectsWithCode(
        () => inspector.inspect(exchanges.slice(0, 1), { criteria: ['no-such-criterion'] }),
        'unknown-criterion',
      ),
    'judges ordinary exchanges': async (inspector) => {
      const inspections = await inspectAll(inspector, exchanges);
      if (expectUsable) inspections.forEach((inspection, index) => checkUsable(inspection, index, exchanges, needsContext));
    },
    'leaves a criterion that needs a context unknown without one': (inspector) =>
      checkNeedsContext(inspector, exchanges, needsContext),
    'judges an exchange alone as in a batch, and twice the same': (inspector) => checkDeterministic(inspector, exchanges),
    ...oddTextCases(ask),
    'rejects with the reason of a signal that is aborted before': (inspector) =>
      checkAborts((signal) => inspector.inspect(exchanges.slice(0, 1), { signal }), 'before'),
    'rejects with the reason of a signal that is aborted meanwhile': (inspector) =>
      checkAborts((signal) => inspector.inspect(exchanges.slice(0, 1), { signal }), 'during'),
    'leaves no listener on the signal': async (inspector) => {
      const { signal } = new AbortController();
      await ask(inspector, exchanges.slice(0, 1), { signal });
      checkNoListeners(signal);
    },
  };
  return Object.entries(cases).map(([name, body]) => conformanceCase(options, name, body));
}

function oddTextCases(ask: (inspector: Inspector, asked: readonly Exchange[]) => Promise<unknown>): Record<string, Body> {
  const entries = Object.entries(oddTexts).map(([name, text]): [string, Body] => [
    `gives a verdict on ${name} as response, prompt and context`,
    async (inspector) => {
      await ask(inspector, [{ response: text }]);
      await ask(inspector, [{ prompt: text, context: text, response: text }]);
      await ask(inspector, [{ prompt: [{ role: 'user', content: text }], response: 'A short answer.' }]);
    },
  ]);
  return Object.fromEntries(entries);
}

async function describesItself(inspector: Inspector): Promise<void> {
  check(inspector.contract === 'inspector/1', 'Expected `contract` to be `inspector/1`.');
  check(inspector.version.length > 0, 'Expected `version` to be a name.');
  check(inspector.criteria.length > 0, 'Expected `criteria` to list at least one.');
  check(new Set(inspector.criteria).size === inspector.criteria.length, 'Expected `criteria` to list each one once.');
  const { maxBatchSize } = inspector.abilities;
  check(maxBatchSize >= 1 && !Number.isNaN(maxBatchSize), 'Expected `maxBatchSize` to be at least 1.');
}

async function inspectChecked(
  inspector: Inspector,
  exchanges: readonly Exchange[],
  options: InspectOptions,
): Promise<Inspection[]> {
  const inspections = await inspector.inspect(exchanges, options);
  check(inspections.length === exchanges.length, `Expected ${exchanges.length} inspections, got ${inspections.length}.`);
  exchanges.forEach((exchange, index) => {
    checkInspection(inspections[index], { exchange, index, criteria: options.criteria ?? inspector.criteria });
  });
  return [...inspections];
}

/** Inspects any number of exchanges in batches that the inspector takes. */
async function inspectAll(inspector: Inspector, exchanges: readonly Exchange[]): Promise<Inspection[]> {
  const inspections: Inspection[] = [];
  // A faulty size must not make the suite run for ever.
  const size = Math.max(1, Math.min(Math.floor(inspector.abilities.maxBatchSize) || 1, exchanges.length));
  for (let start = 0; start < exchanges.length; start += size) {
    inspections.push(...(await inspectChecked(inspector, exchanges.slice(start, start + size), {})));
  }
  return inspections;
}

async function keepsOrder(inspector: Inspector, exchanges: readonly Exchange[]): Promise<void> {
  check(exchanges.length >= 2, 'The suite needs at least two exchanges.');
  const forward = await inspectAll(inspector, exchanges);
  const backward = (await inspectAll(inspector, [...exchanges].reverse())).reverse();
  if (inspector.abilities.deterministic) forward.forEach((one, index) => checkSame(one, backward[index], index));
}

function checkUsable(
  inspection: Inspection,
  index: number,
  exchanges: readonly Exchange[],
  needsContext: readonly string[],
): void {
  for (const [criterion, { status }] of Object.entries(inspection)) {
    const judgeable = exchanges[index]?.context !== undefined || !needsContext.includes(criterion);
    check(!judgeable || status !== 'unknown', `Exchange ${index}, \`${criterion}\`: expected pass or flag, got unknown.`);
  }
}

async function checkNeedsContext(
  inspector: Inspector,
  exchanges: readonly Exchange[],
  needsContext: readonly string[],
): Promise<void> {
  const bare = exchanges.map(({ context: _, ...rest }) => rest);
  for (const inspection of await inspectAll(inspector, bare)) {
    for (const criterion of needsContext) {
      const verdict = inspection[criterion];
      check(
        verdict?.status === 'unknown' && verdict.reason === 'no-context',
        `\`${criterion}\` without a context: expected status unknown, reason no-context.`,
      );
    }
  }
}

async function checkDeterministic(inspector: Inspector, exchanges: readonly Exchange[]): Promise<void> {
  if (!inspector.abilities.deterministic) return;
  const together = await inspectAll(inspector, exchanges);
  for (const [index, exchange] of exchanges.entries()) {
    const [alone] = await inspectAll(inspector, [exchange]);
    checkSame(together[index], alone, index);
  }
}

function checkSame(left: Inspection | undefined, right: Inspection | undefined, index: number): void {
  for (const criterion of Object.keys(left ?? {})) {
    const [one, other] = [left?.[criterion], right?.[criterion]];
    const difference = Math.abs((one?.misalignment ?? NaN) - (other?.misalignment ?? NaN));
    check(
      difference <= 1e-5 && one?.status === other?.status,
      `Exchange ${index}, \`${criterion}\`: the verdict depends on the batch or the call (difference ${difference}).`,
    );
  }
}
