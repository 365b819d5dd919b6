import { AlignSquadError } from '@align-squad/core';
import { readModel } from '../graph/read-model.js';
import { readModelFile } from '../graph/read-model-file.js';
import type { ModelProto } from '../graph/model.js';
import { writeModel } from '../graph/write-model.js';
import { createSession, type OnnxSession } from '../session/session.js';
import type { CacheShape } from './cache-shape.js';
import { declaredCacheShape, isPast } from './decoder-names.js';
import type { LoadedDecoder } from './decoder-run.js';
import { editDecoder, type EditedDecoder } from './edit-decoder.js';
import { hasPassScales } from './quantize-rows.js';

/** How a decoder is loaded. */
export interface LoadDecoderOptions {
  readonly cache?: CacheShape | undefined;
  readonly threads?: number | undefined;
  readonly rowScales: boolean;
  readonly edit: boolean;
  /** What else is done to a graph that is given as one. @default nothing */
  readonly adapt?: ((model: ModelProto) => ModelProto) | undefined;
}

/** A decoder that runs, and how it was edited. */
export interface OpenedDecoder {
  readonly decoder: LoadedDecoder;
  /** Names of the file, before the edits. */
  readonly outputNames: readonly string[];
  readonly isEdited: boolean;
  readonly isRowwise: boolean;
  readonly reasons: readonly string[];
}

/**
 * Loads a decoder, edited where that is possible and as it is otherwise, with the reason.
 * @throws AlignSquadError `model-invalid` for a file that is no model or whose cache has no known shape, `missing-dependency`.
 */
export async function loadDecoder(model: string | Uint8Array | ModelProto, options: LoadDecoderOptions): Promise<OpenedDecoder> {
  const reasons: string[] = [];
  const source = await readSource(model, reasons);
  const edited = source && options.edit && isEditable(source, reasons) ? editDecoder(source, options) : undefined;
  const shape = options.cache ?? (source && declaredCacheShape(source));
  const session = edited && (await openEdited(edited, options, reasons));
  if (edited && session) {
    const decoder: LoadedDecoder = { session, shape: shapeFor(session, shape), newPositions: edited.newPositions, givesLikeliest: true, givesTop: edited.givesTop, spare: 0, isQuantized: edited.isQuantized };
    const outputNames = source?.graph.outputs.map(({ name }) => name) ?? [];
    return { decoder, outputNames, isEdited: true, isRowwise: edited.isRowwise, reasons: [...reasons, ...edited.reasons] };
  }
  if (!options.edit) reasons.push('edits were not asked for');
  const adapted = source && options.adapt ? options.adapt(source) : source;
  const plain = await createSession(typeof model === 'string' || model instanceof Uint8Array ? model : writeModel(adapted ?? model), { threads: options.threads });
  try {
    const isRowwise = adapted !== undefined && !hasPassScales(adapted.graph);
    const decoder: LoadedDecoder = { session: plain, shape: shapeFor(plain, shape), newPositions: new Map(), givesLikeliest: false, givesTop: false, spare: 0, isQuantized: !isRowwise };
    return { decoder, outputNames: plain.outputNames, isEdited: false, isRowwise, reasons };
  } catch (error) {
    await plain.dispose();
    throw error;
  }
}

async function readSource(model: string | Uint8Array | ModelProto, reasons: string[]): Promise<ModelProto | undefined> {
  if (typeof model !== 'string' && !(model instanceof Uint8Array)) return model;
  try {
    return typeof model === 'string' ? await readModelFile(model) : readModel(model);
  } catch (error) {
    // The runtime, which loads it next, says what is wrong with a file that is no model at all.
    if (!AlignSquadError.isInstance(error)) throw error;
    reasons.push('the graph could not be read to edit it');
    return undefined;
  }
}

function isEditable({ graph }: ModelProto, reasons: string[]): boolean {
  const missing = [
    ...(graph.inputs.some(({ name }) => name === 'input_ids') ? [] : ['input `input_ids`']),
    ...(graph.outputs.some(({ name }) => name === 'logits') ? [] : ['output `logits`']),
  ];
  if (missing.length > 0) reasons.push(`the graph has no ${missing.join(' and no ')}`);
  return missing.length === 0;
}

/** None where the runtime refuses the edited graph, or it is too large for one array. */
async function openEdited({ model }: EditedDecoder, { threads }: LoadDecoderOptions, reasons: string[]): Promise<OnnxSession | undefined> {
  try {
    return await createSession(writeModel(model), { threads });
  } catch (error) {
    if (AlignSquadError.isInstance(error) && error.code !== 'model-invalid') throw error;
    reasons.push('the edited graph could not be loaded');
    return undefined;
  }
}

function shapeFor({ inputNames }: OnnxSession, shape: CacheShape | undefined): CacheShape {
  if (shape) return shape;
  if (!inputNames.some(isPast)) return { heads: 1, headSize: 1 };
  throw new AlignSquadError('The decoder does not declare the shape of its KV cache: give it as `cache`, read by `readCacheShape`.', { code: 'model-invalid' });
}
