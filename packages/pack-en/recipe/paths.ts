import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);

/** Folders of the recipe. */
export const paths = {
  /** The project's own triples, in the repository. */
  triples: fileURLToPath(new URL('data/triples/', root)),
  /** Third-party data sets, beside the repository; see the data card. */
  thirdParty: fileURLToPath(new URL('../shared/data/', root)),
  /** What the stages leave for each other; not in the repository. */
  runs: fileURLToPath(new URL('runs/pack-en/', root)),
  /** The inspector that `align-squad train` makes, before an aligner is added. */
  inspector: fileURLToPath(new URL('runs/pack-en/inspector/', root)),
  /** The pack that is published. */
  pack: fileURLToPath(new URL('packages/pack-en/pack/', root)),
  /** What was measured of that pack; in the repository, not in the npm package. */
  report: fileURLToPath(new URL('packages/pack-en/report/', root)),
} as const;
