import { expect, test } from 'vitest';
import type { StageProgress } from './ask-stage.js';
import { requireUsable } from './require-usable.js';

const round = (answered: number, rejected: number, failed = 0): StageProgress => ({ stage: 's', requests: answered, resumed: 0, answered, failed, unanswered: 0, rejected, inputTokens: 0, outputTokens: 0 });

test.each([
  ['a few bad answers', [round(8, 8)], false],
  ['bad answers in 90 % of many', [round(20, 18)], false],
  ['no answers at all', [round(0, 0)], true],
  ['one good answer at the end of a short stage', [round(8, 7)], true],
])('%s are let pass', (_what, rounds, isOver) => {
  expect(() => requireUsable(rounds, { stage: 'topics', isOver })).not.toThrow();
});

test.each([
  ['more than 90 % over several rounds', [round(10, 10), round(10, 9)], false, '19 of 20'],
  ['refusals of the server', [round(1, 0, 19)], false, '19 of 20'],
  ['nothing at the end', [round(2, 2)], true, '2 of 2'],
])('%s stops the run', (_what, rounds, isOver, counts) => {
  expect(() => requireUsable(rounds, { stage: 'topics', isOver })).toThrow(`${counts} answers of the stage topics can't be used`);
});
