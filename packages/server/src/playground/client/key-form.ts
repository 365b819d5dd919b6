import { el } from './dom.js';

/** Asks for the API key. */
export interface KeyForm {
  readonly element: HTMLElement;
  /** Shows the form; `isRefused` when a key was given and was wrong. */
  open(isRefused: boolean): void;
  close(): void;
}

/** Makes the form, hidden at first; the key goes to `onKey` and nowhere else. */
export function createKeyForm(onKey: (key: string) => void): KeyForm {
  const input = el('input', { type: 'password', id: 'key', autocomplete: 'off', spellcheck: 'false', required: '', 'aria-describedby': 'key-hint' });
  const hint = el('p', { class: 'muted small', id: 'key-hint', role: 'status' });
  const use = el('button', { type: 'submit' }, 'Use key');
  const element = el('form', { class: 'card key' }, el('label', { for: input.id }, 'API key'), el('div', { class: 'row' }, input, use), hint);
  element.hidden = true;
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    const key = input.value.trim();
    if (key !== '') onKey(key);
  });
  return {
    element,
    open(isRefused) {
      element.hidden = false;
      hint.textContent = `${isRefused ? 'The server refused this key. ' : 'This server asks for a key. '}It is kept until the page is closed, and sent to this server only.`;
      input.focus();
      input.select();
    },
    close() {
      element.hidden = true;
    },
  };
}
