import { createRandom, promptText } from '@align-squad/core';
import { diffTexts, type AlignResult, type DiffPart } from '@align-squad/squad';
import type { EvaluationRow } from '../data/evaluation-rows.js';

/** One misaligned text before and after, for reading. */
export interface SquadSample {
  readonly id: string;
  /** The criteria that it fails by its label. */
  readonly criteria: readonly string[];
  readonly outcome: AlignResult['outcome'];
  readonly prompt?: string | undefined;
  readonly context?: string | undefined;
  readonly original: string;
  readonly response: string;
  /** From `original` to `response`. */
  readonly diff: readonly DiffPart[];
  readonly reference?: string | undefined;
  /** P(misaligned) by criterion. */
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
}

interface Case {
  readonly row: EvaluationRow;
  readonly isMisaligned: boolean;
  readonly result: AlignResult;
}

/** Draws up to `count` misaligned texts; the same seed draws the same ones. */
export function drawSamples(cases: readonly Case[], count: number, seed: number): SquadSample[] {
  return createRandom(seed).shuffle(cases.filter(({ isMisaligned }) => isMisaligned)).slice(0, count).map(toSample);
}

function toSample({ row, result }: Case): SquadSample {
  const { prompt, context } = row.exchange;
  return {
    id: row.id,
    criteria: Object.keys(row.labels).filter((criterion) => row.labels[criterion] === true),
    outcome: result.outcome,
    ...(prompt === undefined ? {} : { prompt: promptText(prompt) }),
    ...(context === undefined ? {} : { context }),
    original: result.original,
    response: result.response,
    diff: diffTexts(result.original, result.response),
    ...(row.reference === undefined ? {} : { reference: row.reference }),
    before: scoresOf(result.originalInspections),
    after: scoresOf(result.inspections),
  };
}

function scoresOf(inspection: AlignResult['inspections']): Record<string, number> {
  return Object.fromEntries(Object.entries(inspection).map(([criterion, { misalignment }]) => [criterion, misalignment]));
}
