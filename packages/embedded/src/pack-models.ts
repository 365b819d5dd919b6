import { AlignSquadError, type Aligner, type Inspector } from '@align-squad/core';
import { startDefaultEncoder } from './default-encoder.js';
import { defaultPack } from './default-pack.js';

/** The models of packs, ready to run. */
export interface PackModels {
  readonly inspectors: readonly Inspector[];
  readonly aligners: readonly Aligner[];
  /** Frees the sessions. */
  dispose(): Promise<void>;
}

/** How the models of packs are loaded. */
export interface PackModelsOptions {
  /** Most worker threads of each pack's inspector; 0 inspects on the calling thread. @default 0 */
  readonly workers?: number | undefined;
}

/** Gets the models of a pack folder; undefined is the embedded pack. */
export type LoadPackModels = (pack: string | URL | undefined, options?: PackModelsOptions) => Promise<PackModels>;

/**
 * Loads the models that a pack holds: an inspector, an aligner, or both. The ONNX runtime is imported here and not
 * before, so that importing align-squad stays cheap. The encoder of the embedded pack starts before anything else, and what
 * only rewrites need of that pack, which is known to be whole, is loaded by the first of them; the aligner of another pack
 * is loaded at once, so that a broken one is refused.
 * Rejects with a `pack-` code, `model-invalid` or `missing-dependency`.
 */
export const loadPackModels: LoadPackModels = async (pack = defaultPack, { workers = 0 } = {}) => {
  const isDefault = pack === defaultPack;
  const encoder = isDefault ? startDefaultEncoder(workers) : undefined;
  // At once, so that a failure before the inspector waits for it is not unhandled.
  const started = Promise.allSettled([encoder]);
  const loaded: { dispose(): Promise<void> }[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(loaded.map((model) => model.dispose()));
  };
  try {
    const [{ openPack }, { createPackInspector }, { createPackAligner, parseAlignerManifest }] = await Promise.all([
      import('@align-squad/onnx'),
      import('@align-squad/inspector'),
      import('@align-squad/aligner'),
    ]);
    const opened = await openPack(pack);
    const { inspector: inspectorSection, aligner: alignerSection } = opened.manifest;
    const design = alignerSection === undefined ? undefined : (parseAlignerManifest(alignerSection).design ?? 'sentence-edits');
    if (design === 'sentence-edits' && inspectorSection === undefined) throw needsInspector();
    const options = encoder === undefined ? { workers } : { workers, createSession: () => encoder };
    const inspector = inspectorSection === undefined ? undefined : await createPackInspector(opened, options);
    if (inspector !== undefined) loaded.push(inspector);
    const aligner = design === undefined ? undefined : await createPackAligner(opened, { inspector, lazy: isDefault });
    if (aligner !== undefined) loaded.push(aligner);
    return { inspectors: inspector === undefined ? [] : [inspector], aligners: aligner === undefined ? [] : [aligner], dispose };
  } catch (error) {
    await dispose();
    // The inspector may not have taken it over; a second call does nothing.
    for (const result of await started) if (result.status === 'fulfilled') await result.value?.dispose();
    throw error;
  }
};

/** Loads several packs into one set of models, in their order; what was loaded is freed again when one of them fails. */
export async function loadAllPackModels(packs: readonly (string | URL | undefined)[], load: LoadPackModels): Promise<PackModels> {
  const loaded: PackModels[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(loaded.map((models) => models.dispose()));
  };
  try {
    for (const pack of packs) loaded.push(await load(pack));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    inspectors: loaded.flatMap(({ inspectors }) => inspectors),
    aligners: loaded.flatMap(({ aligners }) => aligners),
    dispose,
  };
}

function needsInspector(): AlignSquadError {
  return new AlignSquadError(
    'The aligner of this pack edits sentences and chooses between rewrites by an inspector, but the pack has none: add its `inspector` section, or leave its `aligner` section out.',
    { code: 'pack-invalid' },
  );
}
