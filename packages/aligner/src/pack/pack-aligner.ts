import { AlignSquadError, type Inspector } from '@align-squad/core';
import type { Pack } from '@align-squad/onnx';
import { createDecoderAligner } from '../designs/decoder.js';
import { createEditTaggerAligner } from '../designs/edit-tagger.js';
import { createEncoderDecoderAligner } from '../designs/encoder-decoder.js';
import type { PackAligner } from '../designs/pack-aligner-base.js';
import { createSentenceEditsAligner } from '../designs/sentence-edits.js';
import { parseAlignerManifest } from './manifest.js';

/** Options of `createPackAligner`. */
export interface PackAlignerOptions {
  /**
   * Finds the faulty sentences and chooses between rewrites; usually the inspector of the same pack. Needed by the
   * design `sentence-edits`, and not used by the others. Not disposed with the aligner.
   */
  readonly inspector?: Inspector | undefined;
  /**
   * Gives text as it is decoded, as soon as it differs from the response; a rewrite that then does not end within its
   * tokens throws `aligner-failed`. Otherwise text is held until the rewrite is whole, and one that does not end is
   * `none`. Only of the designs `decoder` and `encoder-decoder`. @default false
   */
  readonly live?: boolean | undefined;
  /**
   * Load the replacements and the embedder when the first rewrite is asked for, and find then that they are broken. Only of
   * the design `sentence-edits`. @default false
   */
  readonly lazy?: boolean | undefined;
}

/**
 * Creates the aligner of a pack, by the design that its manifest names.
 * @throws AlignSquadError `pack-invalid` for a pack without a usable aligner, `invalid-options` without the inspector
 * that its design needs, `model-invalid`, `missing-dependency`.
 */
export async function createPackAligner(pack: Pack, options: PackAlignerOptions = {}): Promise<PackAligner> {
  const manifest = parseAlignerManifest(pack.manifest.aligner);
  const live = options.live ?? false;
  switch (manifest.design) {
    case 'decoder':
      return createDecoderAligner(pack, manifest, live);
    case 'encoder-decoder':
      return createEncoderDecoderAligner(pack, manifest, live);
    case 'edit-tagger':
      return createEditTaggerAligner(pack, manifest);
    case 'sentence-edits':
    case undefined:
      return createSentenceEditsAligner(pack, manifest, { inspector: requireInspector(options.inspector), lazy: options.lazy ?? false });
    default:
      return manifest satisfies never;
  }
}

function requireInspector(inspector: Inspector | undefined): Inspector {
  if (inspector !== undefined) return inspector;
  throw new AlignSquadError(
    'Expected `inspector`: the aligner of this pack edits sentences, which it finds and chooses between by an inspector, such as that of `createPackInspector(pack)`.',
    { code: 'invalid-options' },
  );
}
