import type { GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';

/** Columns of the n-gram table of responses: one a criterion, then an opinion and a gate an expert. */
export function ngramHeadCount({ criteria, experts = [] }: EncoderConfig): number {
  return criteria.length + 2 * experts.length;
}

/**
 * A mixture of experts (Jacobs et al. 1991): where its gate is open, an expert's opinion stands for the logit of its
 * criterion. `columns` [batch, ngramHeadCount] are those of the n-gram table, `logits` [batch, criteria]; gives logits.
 */
export function expertVerdicts(graph: GraphBuilder, config: EncoderConfig, columns: string, logits: string): string {
  const { criteria, experts = [] } = config;
  return experts.reduce((mixed, criterion, index) => {
    const first = criteria.length + 2 * index;
    const opinion = graph.slice(columns, 1, first, first + 1);
    const gate = graph.op('Sigmoid', [graph.slice(columns, 1, first + 1, first + 2)]);
    const isOwn = graph.initializer(`expert.${index}.criterion`, [1, criteria.length], Float32Array.from(criteria, (id) => (id === criterion ? 1 : 0)));
    return graph.add(mixed, graph.mul(graph.mul(gate, isOwn), graph.sub(opinion, mixed)));
  }, logits);
}
