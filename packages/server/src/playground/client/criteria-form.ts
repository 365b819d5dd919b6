import type { ServedCriterion } from '../../criteria-route.js';
import { button, el, score, type Child } from './dom.js';
import type { ExchangeRequest } from './replies.js';

/** The choice of criteria and thresholds. */
export interface CriteriaForm {
  readonly element: HTMLElement;
  /** Says something in the place of the criteria. */
  say(...children: readonly Child[]): void;
  show(criteria: readonly ServedCriterion[]): void;
  /** Chooses those of these that are served; if none is, leaves the choice as it is. */
  choose(ids: readonly string[]): void;
  /** What is chosen, with the thresholds that are not the server's. */
  read(): Pick<ExchangeRequest, 'criteria' | 'thresholds'>;
}

interface Row {
  readonly id: string;
  readonly element: HTMLElement;
  readonly check: HTMLInputElement;
  /** Undefined while it is the server's. */
  threshold(): number | undefined;
}

/** Makes the choice, empty at first. */
export function createCriteriaForm(): CriteriaForm {
  const list = el('div', { class: 'criteria' });
  const element = el('fieldset', {}, el('legend', {}, 'Criteria'), el('span', { class: 'muted hint' }, 'flagged when misalignment reaches the threshold'), list);
  let rows: readonly Row[] = [];
  return {
    element,
    say: (...children) => list.replaceChildren(el('p', { class: 'muted' }, ...children)),
    show(criteria) {
      rows = criteria.map(createRow);
      list.replaceChildren(...rows.map((row) => row.element));
    },
    choose(ids) {
      if (!rows.some((row) => ids.includes(row.id))) return;
      for (const row of rows) row.check.checked = ids.includes(row.id);
    },
    read() {
      const chosen = rows.filter((row) => row.check.checked);
      const changed = chosen.flatMap((row) => {
        const threshold = row.threshold();
        return threshold === undefined ? [] : [[row.id, threshold] as const];
      });
      return { criteria: chosen.map((row) => row.id), ...(changed.length > 0 && { thresholds: Object.fromEntries(changed) }) };
    },
  };
}

function createRow({ id, threshold: own, isDefault }: ServedCriterion): Row {
  const check = el('input', { type: 'checkbox', id: `use-${id}` });
  check.checked = isDefault;
  const range = { min: '0', max: '1', step: '0.01', 'aria-label': `Threshold of ${id}` };
  const slider = el('input', { type: 'range', ...range });
  const number = el('input', { type: 'number', inputmode: 'decimal', ...range });
  let changed: number | undefined;
  const onReset = (): void => {
    set(undefined);
    slider.focus();
  };
  const reset = button('reset', onReset, { class: 'link', 'aria-label': `Reset the threshold of ${id}` });
  const set = (value: number | undefined): void => {
    changed = value;
    slider.value = number.value = score(value ?? own);
    // keeps its place, so that nothing moves
    reset.classList.toggle('gone', value === undefined);
    reset.disabled = value === undefined;
  };
  slider.addEventListener('input', () => set(slider.valueAsNumber));
  number.addEventListener('change', () => set(Number.isNaN(number.valueAsNumber) ? undefined : Math.min(1, Math.max(0, number.valueAsNumber))));
  set(undefined);
  const element = el('div', { class: 'criterion' }, el('label', { for: check.id }, check, id), slider, number, reset);
  return { id, element, check, threshold: () => changed };
}
