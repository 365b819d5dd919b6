import { stat } from 'node:fs/promises';
import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';
import { readTensors } from '../models/read-tensors.js';
import type { Weight } from '../models/weights.js';
import { writeTensors } from '../models/write-tensors.js';
import type { ParameterValues } from '../optimizer/adamw.js';
import { statePlanes, type StepState } from './step-state.js';

/** Where a run is, beside its weights. */
export interface LoopPosition {
  /** Updates so far. */
  readonly step: number;
  readonly epoch: number;
  /** Updates of this epoch so far. */
  readonly updates: number;
  readonly bestScore?: number | undefined;
  readonly bestStep?: number | undefined;
  /** Looks at the held-out data since the best one. */
  readonly stale: number;
}

/** Everything that an interrupted run needs to go on as if it had not been. */
export interface Checkpoint {
  readonly position: LoopPosition;
  readonly state: StepState;
  /** The weights of the best look so far. */
  readonly best?: ParameterValues | undefined;
}

const whole = z.int().min(0);
const positionSchema: z.ZodType<LoopPosition> = z.strictObject({
  step: whole,
  epoch: whole,
  updates: whole,
  bestScore: z.number().optional(),
  bestStep: whole.optional(),
  stale: whole,
});

/** Writes a checkpoint, whole or not at all. Rejects with `training-failed`. */
export async function writeCheckpoint(path: string, fingerprint: string, { position, state, best }: Checkpoint): Promise<void> {
  const planes = [...statePlanes.map((plane) => [plane, state[plane]] as const), ...(best === undefined ? [] : [['best', best] as const])];
  const tensors = planes.flatMap(([plane, values]) => [...values].map(([name, data]): [string, Weight] => [`${plane}/${name}`, { dims: [data.length], data }]));
  await writeTensors(path, new Map(tensors), { fingerprint, position: JSON.stringify(position) });
}

/**
 * Reads the checkpoint of an earlier run; undefined where there is none.
 * @throws AlignSquadError `training-failed` for one of another configuration or other data, and for a damaged one.
 */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Checkpoint | undefined> {
  if (!(await stat(path).then(() => true, () => false))) return undefined;
  const { tensors, metadata } = await readTensors(path);
  if (metadata['fingerprint'] !== fingerprint) {
    throw new AlignSquadError('The checkpoint is of another configuration or other data: start anew with `restart`, or use another folder.', {
      code: 'training-failed',
    });
  }
  const position = parseWith(positionSchema, parseJson(metadata['position']), { what: 'a whole checkpoint', code: 'training-failed' });
  const plane = (prefix: string): ParameterValues =>
    new Map([...tensors].flatMap(([name, { data }]) => (name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), data] as const] : [])));
  const best = plane('best');
  const state = { updates: position.step, values: plane('values'), firstMoments: plane('firstMoments'), secondMoments: plane('secondMoments') };
  return { position, state, ...(best.size === 0 ? {} : { best }) };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined; // the schema says what is wrong
  }
}
