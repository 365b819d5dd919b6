import type { Aligner, Inspector } from '@align-squad/core';

/** The models of a pack, ready to run. */
export interface PackModels {
  readonly inspectors: readonly Inspector[];
  readonly aligners: readonly Aligner[];
  /** Frees the sessions. */
  dispose(): Promise<void>;
}

/** Gets the models of a pack folder; undefined is the embedded pack. */
export type LoadPackModels = (pack: string | URL | undefined) => Promise<PackModels>;

/**
 * Loads the models that a pack holds. The ONNX runtime is imported here and not before, so that importing align-squad stays cheap.
 * Rejects with a `pack-` code, `model-invalid` or `missing-dependency`.
 */
export const loadPackModels: LoadPackModels = async (pack) => {
  const [{ openPack }, { createPackInspector }, { createPackAligner }] = await Promise.all([
    import('@align-squad/onnx'),
    import('@align-squad/inspector'),
    import('@align-squad/aligner'),
  ]);
  const opened = await openPack(pack ?? (await import('@align-squad/pack-en')).packDirectory);
  const { inspector, aligner } = opened.manifest;
  const loading = [
    inspector === undefined ? undefined : createPackInspector(opened),
    aligner === undefined ? undefined : createPackAligner(opened),
  ] as const;
  const settled = await Promise.allSettled(loading);
  const dispose = async (): Promise<void> => {
    await Promise.all(settled.map((model) => (model.status === 'fulfilled' ? model.value?.dispose() : undefined)));
  };
  try {
    const [loadedInspector, loadedAligner] = await Promise.all(loading);
    return {
      inspectors: loadedInspector === undefined ? [] : [loadedInspector],
      aligners: loadedAligner === undefined ? [] : [loadedAligner],
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};
