import { AlignSquadError } from '@align-squad/core';
import { readModelFile } from '../graph/read-model-file.js';
import type { Pack } from '../pack/open-pack.js';
import { createModelDelta, type ModelDeltaEvent } from './create-model-delta.js';
import type { Delta, ModelDelta } from './delta.js';
import { resolveBudget, type DeltaBudget } from './delta-options.js';

/** Options of `createDelta`. */
export interface CreateDeltaOptions extends DeltaBudget {
  /** The pack that was fine-tuned. */
  readonly base: Pack;
  /** The pack that became of it. */
  readonly tuned: Pack;
  /** Of the random projections for large matrices. @default 1 */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How far a delta is; the last event is `end`. */
export type CreateDeltaEvent = Extract<ModelDeltaEvent, { type: 'tensor-end' }> | { readonly type: 'end'; readonly delta: Delta };

/**
 * Makes the delta of a fine-tuned pack to its base: of each float32 model that both have. Their tokenizers and other files
 * must be the same, as a delta only holds weights.
 * @throws AlignSquadError `pack-invalid` for packs without float32 models or with other files, `model-invalid` for models of
 * different graphs, `invalid-options`; the signal's reason.
 */
export async function* createDelta({ base, tuned, seed, signal, ...budget }: CreateDeltaOptions): AsyncGenerator<CreateDeltaEvent, void, undefined> {
  const groups = resolveBudget(budget);
  requireSameFiles(base, tuned);
  const models: ModelDelta[] = [];
  for (const file of floatModels(base, tuned)) {
    const [before, after] = [await readModelFile(base.path(file)), await readModelFile(tuned.path(file))];
    for await (const event of createModelDelta(before, after, { file, groups, seed, signal })) {
      if (event.type === 'model-end') models.push(event.delta);
      else yield event;
    }
  }
  const { name, version, aligner } = tuned.manifest;
  yield { type: 'end', delta: { pack: { name, version, ...(aligner && { aligner }) }, models } };
}

/** Models of both packs whose int8 forms, if there are any, are files beside them. */
function floatModels(base: Pack, tuned: Pack): string[] {
  const files = Object.keys(tuned.manifest.files).filter((file) => file.endsWith('.onnx') && !file.endsWith('_quantized.onnx') && base.manifest.files[file] !== undefined);
  if (files.length > 0) return files.sort();
  throw new AlignSquadError('The two packs have no float32 model of the same name, such as `onnx/model.onnx`: a delta is made of float32 weights.', { code: 'pack-invalid' });
}

const isWeights = (file: string): boolean => /\.onnx(_data)?$/.test(file);

function requireSameFiles(base: Pack, tuned: Pack): void {
  for (const [file, { sha256 }] of Object.entries(tuned.manifest.files)) {
    // config.json may say which files are large; the graphs, which are compared, say the rest.
    if (isWeights(file) || file === 'config.json' || base.manifest.files[file]?.sha256 === sha256) continue;
    throw new AlignSquadError(`The packs differ in ${JSON.stringify(file)}, and a delta only holds weights: fine-tune the base with its own tokenizer.`, { code: 'pack-invalid' });
  }
}
