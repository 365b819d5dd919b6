import type { Rejection, StreamStep, Step } from '@align-squad/squad';
import { diffView } from './diff-view.js';
import { duration, el, score, section } from './dom.js';

const reasons: Readonly<Record<Rejection, string>> = {
  'no-rewrite': 'the aligner had no rewrite',
  unchanged: 'the rewrite changed nothing',
  'no-improvement': 'it got no better',
  regression: 'another criterion got worse',
  'aligner-failed': 'the aligner failed',
  'inspector-failed': 'it could not be judged',
  timeout: 'the time was up',
  'not-best': 'another rewrite was better',
};

/** The tries of a squad, in order; undefined when there were none. */
export function stepList(steps: readonly (Step | StreamStep)[]): HTMLElement | undefined {
  if (steps.length === 0) return undefined;
  return section('Steps', el('ol', { class: 'steps' }, ...steps.map(stepItem)));
}

function stepItem(step: Step | StreamStep): HTMLElement {
  const diff = 'diff' in step ? step.diff : [];
  return el(
    'li',
    {},
    el('div', { class: 'row' }, el('span', {}, el('strong', {}, step.criterion), ' ', verdictOf(step)), el('span', { class: 'number' }, duration(step.milliseconds))),
    el('div', { class: 'scores' }, ...Object.entries(step.before).map(([id, before]) => change(id, before, step.after?.[id]))),
    el('div', { class: 'muted small mono' }, step.aligner),
    diff.length > 0 ? el('details', {}, el('summary', {}, 'Rewrite'), diffView(diff)) : undefined,
  );
}

function verdictOf({ accepted, rejection, rolledBack }: StreamStep): HTMLElement {
  if (!accepted) return el('span', { class: 'badge unknown' }, `not taken: ${rejection === undefined ? 'no reason given' : reasons[rejection]}`);
  return rolledBack === true ? el('span', { class: 'badge unknown' }, 'accepted, given up later') : el('span', { class: 'badge pass' }, 'accepted');
}

function change(id: string, before: number, after: number | undefined): HTMLElement {
  return el('span', { class: 'score number' }, `${id} ${score(before)}${after === undefined ? '' : ` → ${score(after)}`}`);
}
