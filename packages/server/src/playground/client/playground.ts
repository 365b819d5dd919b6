import type { Server } from './ask-server.js';
import { createCriteriaForm } from './criteria-form.js';
import { button, el, unseen } from './dom.js';
import { createExchangeForm } from './exchange-form.js';
import { createKeyForm } from './key-form.js';
import { createOneAtATime } from './one-at-a-time.js';
import type { AlignReply, CriteriaReply, ExchangeRequest, Failure, InspectReply } from './replies.js';
import { alignView, inspectView, type Asked, type View } from './result-view.js';
import { createResultsPane } from './results-pane.js';
import { runStream } from './run-stream.js';

/** The page. */
export interface Playground {
  readonly elements: readonly HTMLElement[];
  /** Asks the server for its criteria; settles when they, or why not, are shown. */
  loadCriteria(): Promise<void>;
}

type Run = (request: ExchangeRequest, signal: AbortSignal) => Promise<Failure | undefined>;

/** Puts the page together. */
export function createPlayground(server: Server): Playground {
  const criteria = createCriteriaForm();
  const exchange = createExchangeForm((example) => criteria.choose(example.criteria));
  const results = createResultsPane();
  const key = createKeyForm((given) => {
    server.key = given;
    key.close();
    void loadCriteria();
  });
  const work = createOneAtATime({ onStopped: results.showStopped, next: exchange.answer });
  const askForKey = ({ status }: Failure): void => {
    if (status === 401) key.open(server.key !== '');
  };
  const loadCriteria = async (): Promise<void> => {
    criteria.say('The squad is getting ready …');
    const answer = await server.ask<CriteriaReply>({ path: 'v1/criteria', signal: new AbortController().signal });
    if ('value' in answer) return criteria.show(answer.value.criteria);
    criteria.say(`${answer.failure.message} `, button('Try again', () => void loadCriteria(), { class: 'link' }));
    askForKey(answer.failure);
  };
  const ask =
    <T>(path: string, view: (reply: T, asked: Asked) => View): Run =>
    async (request, signal) => {
      const startedMs = performance.now();
      results.showBusy();
      const answer = await server.ask<T>({ path, body: request, signal });
      if ('failure' in answer) return answer.failure;
      results.show(view(answer.value, { response: request.response, roundTripMs: performance.now() - startedMs }));
      return undefined;
    };
  const start = async (run: Run): Promise<void> => {
    if (!form.reportValidity()) return;
    const request = { ...exchange.read(), ...criteria.read() };
    await work.run(async (signal) => {
      const failure = request.criteria.length === 0 ? { status: 0, message: 'Choose a criterion first.' } : await run(request, signal);
      if (!failure) return;
      results.showFailure(failure);
      askForKey(failure);
    });
  };
  const form = createForm([exchange.element, criteria.element], {
    stop: work.stop,
    onAlign: () => start(ask<AlignReply>('v1/align', alignView)),
    onStream: () => start((request, signal) => runStream({ server, results, request, signal })),
    onInspect: () => start(ask<InspectReply>('v1/inspect', inspectView)),
  });
  return { elements: [key.element, form, results.element], loadCriteria };
}

interface FormActions {
  readonly stop: HTMLButtonElement;
  readonly onAlign: () => Promise<void>;
  readonly onStream: () => Promise<void>;
  readonly onInspect: () => Promise<void>;
}

function createForm(fields: readonly HTMLElement[], { stop, onAlign, onStream, onInspect }: FormActions): HTMLFormElement {
  const align = el('button', { type: 'submit', class: 'primary', 'aria-keyshortcuts': 'Control+Enter' }, 'Align');
  const keys = el('span', { class: 'keys' }, el('kbd', {}, 'Ctrl'), ' ', el('kbd', {}, 'Enter'), unseen(' aligns'));
  const buttons = [align, button('Stream', () => void onStream()), button('Inspect', () => void onInspect()), stop, keys];
  const form = el('form', { class: 'card' }, ...fields, el('div', { class: 'buttons' }, ...buttons));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void onAlign();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(align);
  });
  return form;
}
