import type { Verdict } from '@align-squad/core';
import { el, score } from './dom.js';

/** What is shown of a verdict. */
export type ShownVerdict = Pick<Verdict, 'status' | 'reason'> & { readonly misalignment?: number | undefined; readonly threshold?: number | undefined };

/** Verdicts on the same text, before and, where it was aligned, after. */
export interface VerdictPair {
  readonly id: string;
  readonly before: ShownVerdict;
  readonly after?: ShownVerdict | undefined;
  /** Words before the threshold. @default 'Flagged' */
  readonly flagged?: string | undefined;
}

const names = { pass: 'passes', flag: 'flagged', unknown: 'not judged' } as const;
const reasons = { 'no-context': 'it needs a context', empty: 'there is no text', failed: 'the inspector failed' } as const;

/** A row a criterion: its verdict in words, and bars of misalignment with a tick at the threshold. */
export function verdictBars(pairs: readonly VerdictPair[]): HTMLElement {
  return el('div', { class: 'verdicts' }, ...pairs.map(pairRow));
}

function pairRow({ id, before, after, flagged = 'Flagged' }: VerdictPair): HTMLElement {
  const words = [badge(before), ...(after ? [el('span', { class: 'muted' }, ' → '), badge(after)] : [])];
  return el(
    'div',
    { class: 'verdict' },
    el('div', { class: 'row' }, el('strong', {}, id), el('span', {}, ...words)),
    bar(after ? 'before' : '', before),
    after && bar('after', after),
    el('div', { class: 'muted small' }, reasonOf(after ?? before), before.threshold === undefined ? undefined : `${flagged} from ${score(before.threshold)}.`),
  );
}

function reasonOf({ status, reason }: ShownVerdict): string | undefined {
  return status === 'unknown' && reason !== undefined ? `Not judged: ${reasons[reason]}. ` : undefined;
}

/** A verdict in a word, never by colour alone. */
export function badge({ status }: Pick<ShownVerdict, 'status'>): HTMLElement {
  return el('span', { class: `badge ${status}` }, names[status]);
}

/** One bar of P(misaligned). */
function bar(label: string, { status, misalignment, threshold }: ShownVerdict): HTMLElement {
  const isKnown = status !== 'unknown' && misalignment !== undefined;
  const fill = el('span', { class: `fill ${status}` });
  fill.style.setProperty('--at', String(isKnown ? misalignment : 0));
  const tick = threshold === undefined ? undefined : el('span', { class: 'tick' });
  tick?.style.setProperty('--at', String(threshold));
  const said = isKnown ? `misalignment ${score(misalignment)}` : 'not judged';
  return el(
    'div',
    { class: 'bar' },
    label === '' ? undefined : el('span', { class: 'muted small' }, label),
    el('span', { class: 'track', role: 'img', 'aria-label': `${label} ${said}`.trim() }, fill, tick),
    el('span', { class: 'number', 'aria-hidden': 'true' }, isKnown ? score(misalignment) : '–'),
  );
}
