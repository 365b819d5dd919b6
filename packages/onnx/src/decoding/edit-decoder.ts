import type { ModelProto } from '../graph/model.js';
import { addTopTokens } from './add-top-tokens.js';
import { isPast, likeliestName, logitSumName, topIdsName, topLogitsName, topLogSumName } from './decoder-names.js';
import { addLikeliest, keepLastRows } from './kept-rows.js';
import { addNewPositions } from './new-positions.js';
import { hasPassScales, quantizeRows } from './quantize-rows.js';

/** A decoder made ready to decode, and what could not be done to it. */
export interface EditedDecoder {
  readonly model: ModelProto;
  /** Outputs with the new positions of each cache, by the input that they continue. */
  readonly newPositions: ReadonlyMap<string, string>;
  /** Logits are worked out for as many rows as are asked for. */
  readonly keepsRows: boolean;
  /** What a token gives does not depend on the tokens fed with it. */
  readonly isRowwise: boolean;
  /** The likeliest tokens of a row are given where asked for. */
  readonly givesTop: boolean;
  /** Activations are rounded to int8. */
  readonly isQuantized: boolean;
  /** Why an edit was left out, in words. */
  readonly reasons: readonly string[];
}

/** Options of `editDecoder`. */
export interface EditDecoderOptions {
  /** Quantise activations of an int8 graph a row at a time. */
  readonly rowScales: boolean;
  /** What else is done to the graph, once logits are worked out for the last rows only. @default nothing */
  readonly adapt?: ((model: ModelProto) => ModelProto) | undefined;
}

/**
 * Edits a decoder with logits so that a pass returns little: keys and values of new tokens only, and the likeliest tokens
 * instead of logits, for the last tokens only. Weights stay as they are.
 */
export function editDecoder(source: ModelProto, { rowScales, adapt }: EditDecoderOptions): EditedDecoder {
  const kept = keepLastRows(source.graph);
  const cut = { ...source, graph: kept ?? source.graph };
  const adapted = adapt ? adapt(cut) : cut;
  const rowwise = rowScales ? quantizeRows(adapted) : adapted;
  const { graph: added, outputs: newPositions, sliced } = addNewPositions(rowwise.graph);
  const opset = source.opsets[''] ?? 0;
  const withLikeliest = addLikeliest(added, opset);
  const withTop = addTopTokens(withLikeliest, opset);
  const graph = withTop ?? withLikeliest;
  const returned = new Set(['logits', likeliestName, logitSumName, topIdsName, topLogitsName, topLogSumName, ...newPositions.values()]);
  const isRowwise = !hasPassScales(graph);
  const hasCache = graph.inputs.some(({ name }) => isPast(name));
  return {
    // What is not returned need not be kept apart from what the runtime fuses.
    model: { ...rowwise, graph: { ...graph, outputs: graph.outputs.filter(({ name }) => returned.has(name) || name.includes('.encoder.')) } },
    newPositions,
    keepsRows: kept !== undefined,
    isRowwise,
    givesTop: withTop !== undefined,
    isQuantized: graph.nodes.some(({ operator }) => operator === 'MatMulInteger' || operator === 'MatMulNBits') || !isRowwise,
    reasons: [
      ...(hasCache ? [] : ['the graph has no KV cache: each pass reads all tokens again']),
      ...(kept ? [] : ['the product that gives the logits was not found: they are worked out for every token fed']),
      ...(sliced > 0 ? [`new positions of ${sliced} caches are cut from the whole: where they are put behind the past was not found`] : []),
      ...(withTop ? [] : ['the graph is of an operator set before 11: whole rows of logits are fetched to draw from']),
      ...(isRowwise ? [] : ['activations are quantised with one scale for all tokens of a pass']),
    ],
  };
}
