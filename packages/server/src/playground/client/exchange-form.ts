import { button, el } from './dom.js';
import { examples, type Example } from './examples.js';

/** The fields that hold an exchange. */
export interface ExchangeForm {
  readonly element: HTMLElement;
  readonly answer: HTMLTextAreaElement;
  read(): { readonly prompt?: string; readonly context?: string; readonly response: string };
}

/** Makes the fields, with buttons that fill them. */
export function createExchangeForm(onExample: (example: Example) => void): ExchangeForm {
  const prompt = textArea('prompt', 2);
  const context = textArea('context', 2);
  const answer = textArea('answer', 6);
  answer.required = true;
  const fill = (example: Example): void => {
    prompt.value = example.prompt;
    context.value = example.context;
    answer.value = example.response;
    onExample(example);
  };
  const chips = examples.map((example) => button(example.name, () => fill(example), { class: 'chip' }));
  const element = el(
    'div',
    { class: 'fields' },
    el('div', { class: 'examples', role: 'group', 'aria-label': 'Examples' }, el('span', { class: 'muted' }, 'Try'), ...chips),
    field(prompt, 'Prompt', 'what the user asked'),
    field(context, 'Context', 'optional: what the answer must be grounded in'),
    field(answer, 'Answer', 'what the LLM said'),
  );
  return {
    element,
    answer,
    read: () => ({
      ...(prompt.value.trim() !== '' && { prompt: prompt.value }),
      ...(context.value.trim() !== '' && { context: context.value }),
      response: answer.value,
    }),
  };
}

function textArea(id: string, rows: number): HTMLTextAreaElement {
  return el('textarea', { id, rows: String(rows), autocomplete: 'off', 'aria-describedby': `${id}-hint` });
}

function field(input: HTMLTextAreaElement, label: string, hint: string): HTMLElement {
  return el(
    'div',
    { class: 'field' },
    el('label', { for: input.id }, label),
    el('span', { class: 'muted', id: `${input.id}-hint` }, hint),
    input,
  );
}
