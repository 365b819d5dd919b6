import { AlignSquadError } from '@align-squad/core';
import type { StageProgress } from './ask-stage.js';

/** What `requireUsable` is told. */
export interface UsableOptions {
  /** Name of the stage, whose rounds are looked at together. */
  readonly stage: string;
  /** Nothing more is asked in this stage, so that without one usable answer there is nothing to go on with. */
  readonly isOver: boolean;
}

// Below these, a few bad answers are chance.
const fewestAnswers = 20;
const mostUnusable = 0.9;

/**
 * Stops a run whose stage led to nothing: more than 90 % of at least 20 answers can't be used, or none at its end.
 * @throws AlignSquadError `generator-failed`.
 */
export function requireUsable(rounds: readonly StageProgress[], { stage, isOver }: UsableOptions): void {
  const all = rounds.reduce((sum, { answered, failed }) => sum + answered + failed, 0);
  const unusable = rounds.reduce((sum, { rejected, failed }) => sum + rejected + failed, 0);
  const isHopeless = all >= fewestAnswers && unusable > mostUnusable * all;
  if (!isHopeless && !(isOver && all > 0 && unusable === all)) return;
  throw new AlignSquadError(
    `${unusable} of ${all} answers of the stage ${stage} can't be used: does the model follow the format, and is it the right one? Answers are kept in the run folder, so give another folder to ask another model.`,
    { code: 'generator-failed' },
  );
}
