import type { Inspection } from '@align-squad/core';
import { diffView, partsOfChanges } from './diff-view.js';
import { duration, el, section } from './dom.js';
import { banner, outcomeBanner } from './outcome-banner.js';
import type { AlignReply, InspectReply } from './replies.js';
import { sentenceList } from './sentence-list.js';
import { stepList } from './step-list.js';
import { verdictBars } from './verdict-bars.js';

/** What is shown: a headline that is read out, and what is below it. */
export interface View {
  readonly headline: HTMLElement;
  readonly parts: readonly HTMLElement[];
}

/** What was asked, for views. */
export interface Asked {
  readonly response: string;
  readonly roundTripMs: number;
}

/** The verdicts on an answer. */
export function inspectView({ inspections }: InspectReply, { response, roundTripMs }: Asked): View {
  const verdicts = Object.entries(inspections);
  const flagged = verdicts.filter(([, { status }]) => status === 'flag').map(([id]) => id);
  const unknown = verdicts.filter(([, { status }]) => status === 'unknown').map(([id]) => id);
  const times = `${duration(roundTripMs)} round trip`;
  const headline =
    flagged.length > 0
      ? banner({ name: 'Flagged', look: 'flag', says: `By ${flagged.join(', ')}.`, times })
      : unknown.length > 0
        ? banner({ name: 'Not judged', look: 'unknown', says: `There is no verdict of ${unknown.join(', ')}.`, times })
        : banner({ name: 'Passes', look: 'pass', says: 'No criterion flags it.', times });
  const bars = section('Criteria', verdictBars(verdicts.map(([id, before]) => ({ id, before }))));
  return { headline, parts: present(bars, sentenceList(response, inspections)) };
}

/** What became of an answer, and how. */
export function alignView(reply: AlignReply, { response: original, roundTripMs }: Asked): View {
  const { report, response, changes, steps, inspections, originalInspections } = reply;
  const isReplaced = report.replacedBy !== undefined;
  const best = isReplaced ? el('p', { class: 'muted small' }, 'After: of the best text that there was.') : undefined;
  const note = isReplaced ? el('p', { class: 'muted small' }, 'In its place stands:') : undefined;
  const parts = isReplaced ? [{ type: 'same', text: response } as const] : partsOfChanges(original, response, changes);
  const legend = report.changed && !isReplaced ? el('p', { class: 'muted small' }, el('del', {}, 'removed'), ' ', el('ins', {}, 'added')) : undefined;
  return {
    headline: outcomeBanner(report, `${duration(roundTripMs)} round trip`),
    parts: present(
      section('Answer', note, diffView(parts), legend),
      section('Criteria', verdictBars(pairs(originalInspections, report.changed ? inspections : {})), best),
      stepList(steps),
      sentenceList(original, originalInspections),
    ),
  };
}

function pairs(before: Inspection, after: Inspection): Parameters<typeof verdictBars>[0] {
  return Object.entries(before).map(([id, verdict]) => ({ id, before: verdict, after: after[id] }));
}

function present(...parts: readonly (HTMLElement | undefined)[]): HTMLElement[] {
  return parts.filter((part) => part !== undefined);
}
