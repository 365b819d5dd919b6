import { el, type Child } from './dom.js';
import { banner } from './outcome-banner.js';
import type { Failure } from './replies.js';
import type { View } from './result-view.js';

/** Where results stand. */
export interface ResultsPane {
  readonly element: HTMLElement;
  show(view: View): void;
  showBusy(): void;
  showFailure(failure: Failure): void;
  showStopped(): void;
}

/** Makes the place of results, with a word on what there will be. */
export function createResultsPane(): ResultsPane {
  const headline = el('div', { role: 'status' });
  const body = el('div', { class: 'parts' }, intro());
  const element = el('section', { class: 'card results', id: 'results', 'aria-label': 'Results' }, headline, body);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const set = (busy: boolean, top: Child, parts: readonly Child[]): void => {
    clearTimeout(timer);
    element.setAttribute('aria-busy', String(busy));
    headline.replaceChildren(...(top === undefined ? [] : [top]));
    body.replaceChildren(...parts.filter((part) => part !== undefined));
  };
  const reveal = (): void => {
    // on a narrow screen the results are below the form
    if (element.getBoundingClientRect().top > innerHeight * 0.6) element.scrollIntoView({ block: 'start' });
  };
  return {
    element,
    show(view) {
      set(false, view.headline, view.parts);
      reveal();
    },
    showBusy() {
      clearTimeout(timer);
      element.setAttribute('aria-busy', 'true');
      // most results are there before one could read this
      timer = setTimeout(() => set(true, banner({ name: 'Working', look: 'busy', says: 'The squad has the answer.' }), []), 250);
    },
    showFailure(failure) {
      set(false, banner({ name: 'No result', look: 'flag', says: failure.message, ...(failure.status > 0 && { times: `HTTP ${failure.status}` }) }), []);
      reveal();
    },
    showStopped: () => set(false, banner({ name: 'Stopped', look: 'unknown', says: 'Nothing was kept.' }), []),
  };
}

function intro(): HTMLElement {
  const row = (name: string, text: string): HTMLElement => el('li', {}, el('strong', {}, name), ` ${text}`);
  return el(
    'div',
    { class: 'intro' },
    el('h2', {}, 'Pick an example, or paste an answer of an LLM.'),
    el(
      'ul',
      {},
      row('Align', 'rewrites what is flagged, and takes a rewrite only if inspection shows that it is better.'),
      row('Stream', 'does so sentence by sentence, while the answer is written; what does not pass never gets out.'),
      row('Inspect', 'scores the answer and changes nothing.'),
    ),
  );
}
