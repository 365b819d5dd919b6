import { invalidDataset } from '../metrics/scored.js';
import { fleissKappa, type AnnotatorAgreement } from './agreement.js';
import type { JudgeAnswer, JudgeSheet } from './judge-sheet.js';
import { assertDistinct } from './pair.js';
import { summarizeDecisions, type PairDecision, type PairwiseResult, type PromptedDecision } from './pairwise-result.js';

const outcomes = ['win', 'loss', 'tie'] as const;

type Outcome = (typeof outcomes)[number];

/**
 * Counts the answers of people to a blind sheet. Of several annotators the outcome that most of them chose stands, a tie
 * where none has most; `agreement` says how far they agree on win, loss and tie. A request that nobody answered counts as
 * failed with the code `unanswered`.
 * @throws AlignSquadError `invalid-dataset` when requests and key are not of one sheet, an answer is of no request, or an
 * annotator answers a request twice.
 */
export function mergeJudgeAnswers({ requests, key }: JudgeSheet, answers: readonly JudgeAnswer[]): PairwiseResult {
  const sides = sidesOf({ requests, key });
  const chosen = new Map(requests.map(({ id }) => [id, new Map<string, Outcome>()]));
  answers.forEach(({ id, choice, annotator = '' }, index) => {
    const side = sides.get(id);
    const ofRequest = chosen.get(id);
    if (!side || !ofRequest) throw invalidDataset(`Expected every answer to be of a request of the sheet, but number ${index + 1} is not.`);
    if (ofRequest.has(annotator)) throw invalidDataset(`Expected one answer to a request from each annotator, but number ${index + 1} is a second one.`);
    ofRequest.set(annotator, choice === 'tie' ? 'tie' : choice === side ? 'win' : 'loss');
  });
  const asked = requests.map(({ id, criterion, prompt }): PromptedDecision => {
    const given = [...(chosen.get(id)?.values() ?? [])];
    return { prompt, decision: { id, ...(criterion !== undefined && { criterion }), ...decisionOf(given) } };
  });
  const identical = key.identical.map((named): PromptedDecision => ({ decision: { ...named, outcome: 'identical' } }));
  const agreement = agreementOf([...chosen.values()].map((ofRequest) => [...ofRequest.values()]), new Set(answers.map(({ annotator }) => annotator)).size);
  return { ...summarizeDecisions([...asked, ...identical], 'sheet'), agreement };
}

function sidesOf({ requests, key }: JudgeSheet): ReadonlyMap<string, 'a' | 'b'> {
  assertDistinct(requests, 'request');
  assertDistinct([...key.sides, ...key.identical], 'entry of the key');
  const sides = new Map(key.sides.map(({ id, aligned }) => [id, aligned]));
  if (sides.size !== requests.length || requests.some(({ id }) => !sides.has(id))) {
    throw invalidDataset('Expected the key to name the same pairs as the requests: they are not of one sheet.');
  }
  return sides;
}

function decisionOf(given: readonly Outcome[]): Pick<PairDecision, 'outcome' | 'code'> {
  if (given.length === 0) return { outcome: 'failed', code: 'unanswered' };
  const [most, next] = countOutcomes(given).map((count, place) => ({ count, outcome: outcomes[place] ?? 'tie' })).sort((a, b) => b.count - a.count);
  return { outcome: most && most.count > (next?.count ?? 0) ? most.outcome : 'tie' };
}

function agreementOf(given: readonly (readonly Outcome[])[], annotators: number): AnnotatorAgreement {
  const shared = given.filter(({ length }) => length >= 2).map(countOutcomes);
  return { annotators, pairs: shared.length, ...fleissKappa(shared) };
}

function countOutcomes(given: readonly Outcome[]): number[] {
  return outcomes.map((outcome) => given.filter((each) => each === outcome).length);
}
