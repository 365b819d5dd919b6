import { AlignSquadError } from '@align-squad/core';
import type { ParameterValues } from '../optimizer/adamw.js';

/** Everything that a training step has learned. */
export interface StepState {
  /** Number of updates so far. */
  readonly updates: number;
  readonly values: ParameterValues;
  readonly firstMoments: ParameterValues;
  readonly secondMoments: ParameterValues;
}

/** The parts of a state that have a value for each parameter. */
export const statePlanes: readonly ['values', 'firstMoments', 'secondMoments'] = ['values', 'firstMoments', 'secondMoments'];

/** A state of its own, which later updates leave as it is. */
export function copyState({ updates, values, firstMoments, secondMoments }: StepState): StepState {
  const copy = (plane: ParameterValues): ParameterValues => new Map([...plane].map(([name, data]) => [name, data.slice()]));
  return { updates, values: copy(values), firstMoments: copy(firstMoments), secondMoments: copy(secondMoments) };
}

/**
 * Writes the values and moments of one state over those of another, all or none.
 * @throws AlignSquadError `training-failed` when they are of different models.
 */
export function writeState(from: StepState, into: StepState): void {
  const fits = statePlanes.every(
    (plane) => from[plane].size === into[plane].size && [...into[plane]].every(([name, { length }]) => from[plane].get(name)?.length === length),
  );
  if (!fits) throw new AlignSquadError('The state of the training is of another model.', { code: 'training-failed' });
  for (const plane of statePlanes) for (const [name, data] of into[plane]) data.set(from[plane].get(name) ?? []);
}
