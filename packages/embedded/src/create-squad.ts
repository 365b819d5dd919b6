import { availableParallelism } from 'node:os';
import { parseWith, type Aligner, type Inspector } from '@align-squad/core';
import { createSquad as assembleSquad, type SquadOptions } from '@align-squad/squad';
import { z } from 'zod';
import { withDispose, type DisposableSquad } from './disposable-squad.js';
import { loadAllPackModels, loadPackModels, type LoadPackModels } from './pack-models.js';

/** Options of `createSquad`; those of a call are laid over them. */
export interface CreateSquadOptions extends Omit<SquadOptions, 'inspectors' | 'aligners'> {
  /**
   * Folder of `pack.json`, as a path or a file URL, or a list of them, of which the earlier ones are asked first;
   * `defaultPack` names the embedded one in a list. `false` or an empty list leaves packs out. @default the embedded English pack
   */
  readonly pack?: string | URL | readonly (string | URL)[] | false | undefined;
  /** Asked before the pack's inspector for the criteria that they serve; they stay yours to dispose of. @default [] */
  readonly inspectors?: readonly Inspector[] | undefined;
  /** Asked before the pack's aligner for the criteria that they serve; they stay yours to dispose of. @default [] */
  readonly aligners?: readonly Aligner[] | undefined;
  /**
   * Most worker threads on which each pack's inspector runs, so that the event loop stays free; the second and later ones
   * start when an inspection has waited as long as the first took to start. 0 inspects on the calling thread.
   * @default as many as the machine runs at once, at most 4
   */
  readonly workers?: number | undefined;
}

interface OwnOptions {
  readonly workers?: number | undefined;
  readonly pack?: CreateSquadOptions['pack'];
  readonly inspectors?: readonly unknown[] | undefined;
  readonly aligners?: readonly unknown[] | undefined;
}

// What is left of the options is checked by the squad, which also rejects unknown keys.
const folder = z.union([z.string().min(1), z.instanceof(URL)]);
const ownSchema: z.ZodType<OwnOptions> = z.looseObject({
  pack: z.union([folder, z.array(folder), z.literal(false)]).optional(),
  inspectors: z.array(z.unknown()).optional(),
  aligners: z.array(z.unknown()).optional(),
  workers: z.int().min(0).max(256).optional(),
});

/**
 * Makes a squad of the models of packs and of your own.
 * Rejects with `invalid-options`, or with a `pack-` code that says what is wrong with the pack.
 * @example
 * ```ts
 * import { createSquad } from 'align-squad';
 *
 * const squad = await createSquad({ onUnfixed: { block: 'Sorry, I can not answer that.' } });
 * const { response } = await squad.align({ prompt: 'Is the earth flat?', response: 'Yes, it is.' });
 * await squad.dispose();
 * ```
 */
export async function createSquad(options: CreateSquadOptions = {}): Promise<DisposableSquad> {
  return createSquadFrom(options, loadPackModels);
}

/** `createSquad` over any way to get a pack's models. */
export async function createSquadFrom(options: CreateSquadOptions, load: LoadPackModels): Promise<DisposableSquad> {
  parseWith(ownSchema, options, { what: 'squad options', code: 'invalid-options' });
  const { pack, inspectors = [], aligners = [], workers = Math.min(availableParallelism(), 4), ...rest } = options;
  const models = await loadAllPackModels(packsOf(pack), (one) => load(one, { workers }));
  try {
    const squad = assembleSquad({
      ...rest,
      inspectors: [...inspectors, ...models.inspectors],
      aligners: [...aligners, ...models.aligners],
    });
    return withDispose(squad, () => models.dispose());
  } catch (error) {
    await models.dispose();
    throw error;
  }
}

/** The packs of an option, undefined for the embedded one. */
function packsOf(pack: CreateSquadOptions['pack']): readonly (string | URL | undefined)[] {
  if (pack === false) return [];
  return pack === undefined || typeof pack === 'string' || pack instanceof URL ? [pack] : pack;
}
