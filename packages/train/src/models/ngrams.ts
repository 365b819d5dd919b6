import type { GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import type { ExchangeFeatures } from './exchange-features.js';
import type { DeclareWeight } from './weights.js';

// A polynomial hash modulo a prime; every product stays far inside int64.
const prime = 2_147_483_647;
const multiplier = 1_000_003;
const orders = 3;

/**
 * Scores of hashed uni-, bi- and trigrams of token ids, a column a criterion: [batch, sequence, criteria].
 * The wide half of a wide and deep model (Cheng et al. 2016), inside the graph.
 */
export function ngramScores(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  ids: string,
  features: ExchangeFeatures,
): string {
  const table = weight('ngrams.weight', [config.ngramBuckets, config.criteria.length], { constant: 0 });
  const scores: string[] = [];
  let hash = graph.add(features.segments, graph.int(1));
  let neighbour = ids;
  for (let order = 1; order <= orders; order++) {
    hash = hashStep(graph, hash, graph.add(neighbour, graph.int(order)));
    scores.push(graph.op('Gather', [table, graph.op('Mod', [hash, graph.int(config.ngramBuckets)])]));
    neighbour = previous(graph, neighbour);
  }
  return scores.reduce((sum, score) => graph.add(sum, score));
}

/** Each position's left neighbour; padding's id at the start. */
function previous(graph: GraphBuilder, ids: string): string {
  return graph.op('Pad', [graph.slice(ids, 1, 0, -1), graph.int([0, 1, 0, 0]), graph.int(0)]);
}

function hashStep(graph: GraphBuilder, hash: string, next: string): string {
  return graph.op('Mod', [graph.add(graph.mul(hash, graph.int(multiplier)), next), graph.int(prime)]);
}
