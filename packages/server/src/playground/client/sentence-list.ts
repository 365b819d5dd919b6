import type { Inspection } from '@align-squad/core';
import { el, score, section } from './dom.js';

/** The sentences of a text, with the scores that inspectors gave to single ones; undefined when none did. */
export function sentenceList(text: string, inspection: Inspection): HTMLElement | undefined {
  const rows = new Map<string, { readonly start: number; readonly end: number; readonly scores: Map<string, number> }>();
  for (const [id, { spans = [] }] of Object.entries(inspection)) {
    for (const { start, end, misalignment } of spans) {
      const key = `${start}-${end}`;
      const row = rows.get(key) ?? { start, end, scores: new Map() };
      row.scores.set(id, misalignment);
      rows.set(key, row);
    }
  }
  if (rows.size === 0) return undefined;
  const sorted = [...rows.values()].sort((a, b) => a.start - b.start || a.end - b.end);
  const items = sorted.map(({ start, end, scores }) => el('li', {}, el('p', {}, text.slice(start, end).trim()), scoreChips(scores)));
  return section('Sentences', el('ol', { class: 'sentences' }, ...items), el('p', { class: 'muted small' }, 'Scores of sentences compare within one answer; they are not calibrated.'));
}

/** Scores by criterion as small bars with numbers. */
export function scoreChips(scores: Iterable<readonly [string, number]>): HTMLElement {
  const chips = [...scores].map(([id, value]) => {
    const fill = el('span', { class: 'fill heat' });
    fill.style.setProperty('--at', String(value));
    return el('span', { class: 'score' }, `${id} `, el('span', { class: 'track', 'aria-hidden': 'true' }, fill), el('span', { class: 'number' }, ` ${score(value)}`));
  });
  return el('div', { class: 'scores' }, ...chips);
}
