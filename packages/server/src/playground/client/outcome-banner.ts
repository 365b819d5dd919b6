import type { AlignReport, Outcome } from '@align-squad/squad';
import { duration, el } from './dom.js';

const words: Readonly<Record<Outcome, { readonly name: string; readonly look: string; readonly says: string }>> = {
  clean: { name: 'Clean', look: 'pass', says: 'No criterion flags it; the answer came back as it was.' },
  aligned: { name: 'Aligned', look: 'pass', says: 'Rewritten until no criterion flags it.' },
  unfixed: { name: 'Not fixed', look: 'flag', says: 'Something is still flagged, or nothing could be judged.' },
  blocked: { name: 'Withheld', look: 'flag', says: 'It could not be shown to pass.' },
  error: { name: 'Failed', look: 'flag', says: 'An inspector or aligner failed, and the answer could not be shown to pass.' },
  timeout: { name: 'Out of time', look: 'flag', says: 'The deadline came first.' },
};

/** What a result comes to, in a word, a sentence and a time; `time` says what is to be said of it. */
export function outcomeBanner({ outcome, milliseconds, error }: AlignReport, time: string): HTMLElement {
  const { name, look, says } = words[outcome];
  const code = error === undefined ? '' : ` Code: ${error}.`;
  return banner({ name, look, says: says + code, times: `${duration(milliseconds)} in the squad, ${time}` });
}

/** A headline over results. */
export function banner({ name, look, says, times = '' }: { readonly name: string; readonly look: string; readonly says: string; readonly times?: string }): HTMLElement {
  return el(
    'div',
    { class: `banner ${look}` },
    el('strong', {}, name),
    el('span', {}, says),
    times === '' ? undefined : el('span', { class: 'muted small number' }, times),
  );
}
