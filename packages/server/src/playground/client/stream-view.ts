import type { CorrectionEvent, StreamStep, VerdictEvent } from '@align-squad/squad';
import { duration, el, section } from './dom.js';
import { banner, outcomeBanner } from './outcome-banner.js';
import type { StreamEndReply, StreamReply } from './replies.js';
import type { View } from './result-view.js';
import { scoreChips } from './sentence-list.js';
import { stepList } from './step-list.js';
import { windowFate, type WindowFate } from './window-fate.js';
import { verdictBars, type VerdictPair } from './verdict-bars.js';

/** A view that grows with a stream. */
export interface StreamView extends View {
  take(event: StreamReply): void;
  /** Says how many characters were written so far. */
  progress(characters: number): void;
  /** Nothing more comes. */
  end(): void;
}

const looks: Readonly<Record<WindowFate, string>> = { released: 'pass', rewritten: 'pass', removed: 'pass', withheld: 'flag', replaced: 'flag', kept: 'flag' };

/** Shows released text only: nothing that a stream holds back is ever in the page. */
export function createStreamView(): StreamView {
  const headline = el('div', {}, banner({ name: 'Streaming', look: 'busy', says: 'Each sentence is held until it has been inspected.' }));
  const held = el('span', { class: 'held', 'aria-hidden': 'true' });
  const text = el('p', { class: 'text' }, held);
  const list = el('ol', { class: 'windows', 'aria-live': 'polite' });
  const rest = el('div', {});
  const thresholds: Record<string, number> = {};
  const steps: StreamStep[] = [];
  let judged = 0;
  let fate: WindowFate = 'released';
  let open: VerdictEvent | undefined;

  const settle = (correction?: CorrectionEvent): void => {
    if (!open) return;
    fate = windowFate(open.outcome, correction?.response);
    list.append(windowItem(open, fate));
    if (fate === 'withheld' || fate === 'removed') held.before(el('span', { class: `gap ${looks[fate]}` }, fate), ' ');
    open = undefined;
  };
  const take = (event: StreamReply): void => {
    // the correction of a window comes next to its verdict
    if (event.type !== 'correction') settle();
    switch (event.type) {
      case 'verdict':
        open = event;
        judged = event.window.end;
        for (const [id, { threshold }] of Object.entries(event.inspection)) thresholds[id] ??= threshold;
        return;
      case 'correction':
        steps.push(...event.steps);
        if (event.window) settle(event);
        else rest.append(section('The whole answer, corrected', el('p', { class: 'text' }, el('ins', {}, event.response))));
        return;
      case 'text':
        held.before(fate === 'rewritten' || fate === 'replaced' ? el('ins', {}, event.text) : event.text);
        // blank windows have no verdict of their own
        fate = 'released';
        return;
      case 'error':
        rest.append(el('p', { class: 'failure' }, event.error.message));
        return;
      case 'end':
        headline.replaceChildren(outcomeBanner(event.report, 'shown at the pace of an LLM that writes'));
        rest.append(section('Criteria', verdictBars(pairsOf(event, thresholds))), stepList(steps) ?? '');
    }
  };
  return {
    headline,
    parts: [section('Answer, as it is released', text), section('Sentences', list), rest],
    take,
    progress(characters) {
      const waiting = Math.max(0, characters - judged);
      held.textContent = waiting > 0 ? `holding ${waiting} characters` : '';
    },
    end: () => held.remove(),
  };
}

function windowItem({ inspection, milliseconds }: VerdictEvent, fate: WindowFate): HTMLElement {
  const scores = Object.entries(inspection).flatMap(([id, { status, misalignment }]) => (status === 'unknown' ? [] : [[id, misalignment] as const]));
  return el('li', {}, el('span', { class: `badge ${looks[fate]}` }, fate), scoreChips(scores), el('span', { class: 'muted small number' }, duration(milliseconds)));
}

function pairsOf({ report }: StreamEndReply, thresholds: Readonly<Record<string, number>>): VerdictPair[] {
  return Object.entries(report.before).map(([id, before]) => {
    const threshold = thresholds[id];
    // an unfinished answer may be flagged from another threshold than the whole one
    return { id, before: { ...before, threshold }, after: report.changed ? report.after[id] : undefined, flagged: 'Sentences are flagged' };
  });
}
