import { expect, test } from 'vitest';
import { writeJudgeSheet, type JudgeAnswer } from './judge-sheet.js';
import { mergeJudgeAnswers } from './merge-judge-answers.js';
import { pairsOf } from './test-support.js';

const pairs = pairsOf(6, { criterion: 'ethical' });
const sheet = writeJudgeSheet([...pairs, { id: 'same', original: 'x', aligned: 'x' }], { seed: 9 });

/** Answers by what they mean: the aligned text, the original, or a tie, for p0, p1 and so on. */
function answersOf(meanings: string, annotator?: string): JudgeAnswer[] {
  const sides = new Map(sheet.key.sides.map(({ id, aligned }) => [id, aligned]));
  return [...meanings].flatMap((meaning, index): JudgeAnswer[] => {
    const id = `p${index}`;
    const side = sides.get(id) ?? 'a';
    const other = side === 'a' ? 'b' : 'a';
    if (meaning === '.') return [];
    return [{ id, choice: meaning === 'w' ? side : meaning === 'l' ? other : 'tie', ...(annotator !== undefined && { annotator }) }];
  });
}

test('answers are counted by the key, and what nobody answered has failed', () => {
  expect(mergeJudgeAnswers(sheet, answersOf('wwlt.w'))).toEqual({
    schemaVersion: 1,
    judge: 'sheet',
    pairs: 7,
    wins: 3,
    losses: 1,
    ties: 1,
    failed: 1,
    identical: 1,
    winRate: 0.7,
    interval: expect.objectContaining({ low: expect.any(Number) as number }) as object,
    failures: { unanswered: 1 },
    positionBias: { asked: 0, changed: 0 },
    criteria: { ethical: expect.objectContaining({ wins: 3, losses: 1, ties: 1, failed: 1, identical: 0, winRate: 0.7 }) as object },
    agreement: { annotators: 1, pairs: 0 },
  });
});

test('of several annotators most decide, and a draw is a tie', () => {
  const answers = [...answersOf('wwwlt.', 'Ann'), ...answersOf('wwlll.', 'Bo'), ...answersOf('wlt.l.', 'Cy')];
  const { wins, losses, ties, failed, agreement } = mergeJudgeAnswers(sheet, answers);
  // p0 www, p1 wwl, p2 wlt (draw), p3 ll, p4 tll
  expect({ wins, losses, ties, failed }).toEqual({ wins: 2, losses: 2, ties: 1, failed: 1 });
  // Agreement a pair: 1, 1/3, 0, 1, 1/3.
  expect(agreement).toMatchObject({ annotators: 3, pairs: 5, agreement: expect.closeTo(8 / 15, 9) as number });
  // Shares of the 14 answers: 6 w, 6 l, 2 t.
  const chance = (36 + 36 + 4) / 196;
  expect(agreement?.kappa).toBeCloseTo((8 / 15 - chance) / (1 - chance), 9);
});

test.each([
  ['an answer of no request', [...answersOf('w'), { id: 'secret', choice: 'a' as const }], /number 2/],
  ['a second answer of one annotator', [...answersOf('w'), ...answersOf('w')], /number 2/],
])('%s is refused', (_what, answers, message) => {
  const act = () => mergeJudgeAnswers(sheet, answers);
  expect(act).toThrow(expect.objectContaining({ code: 'invalid-dataset', message: expect.stringMatching(message) as string }));
  expect(act).not.toThrow(/secret/);
});

test('requests and key of two sheets are refused', () => {
  const other = writeJudgeSheet(pairsOf(5), { seed: 9 });
  const act = () => mergeJudgeAnswers({ requests: sheet.requests, key: other.key }, []);
  expect(act).toThrow(expect.objectContaining({ code: 'invalid-dataset', message: expect.stringContaining('one sheet') as string }));
});

test('a request that stands twice is refused', () => {
  const [first] = sheet.requests;
  const act = () => mergeJudgeAnswers({ ...sheet, requests: [...sheet.requests.slice(1), ...(first ? [first, first] : [])] }, []);
  expect(act).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
});
