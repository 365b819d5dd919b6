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
  const loadedInspector = inspector === undefined ? undefined : await createPackInspector(opened);
  try {
    const needsAligner = aligner !== undefined && loadedInspector !== undefined;
    const loadedAligner = needsAligner ? await createPackAligner(opened, { inspector: loadedInspector }) : undefined;
    return {
      inspectors: loadedInspector === undefined ? [] : [loadedInspector],
      aligners: loadedAligner === undefined ? [] : [loadedAligner],
      async dispose() {
        await Promise.all([loadedAligner?.dispose(), loadedInspector?.dispose()]);
      },
    };
  } catch (error) {
    await loadedInspector?.dispose();
    throw error;
  }
};
