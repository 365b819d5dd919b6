import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';

/** What the graph works out from `input_ids` [batch, sequence] and `attention_mask` alone. */
export interface ExchangeFeatures {
  /** 0 prompt, 1 context, 2 response; int64 [batch, sequence]. */
  readonly segments: string;
  /** Place in the sequence from 0; int64 [batch, sequence]. */
  readonly positions: string;
  /** 1 on the tokens of each segment, markers included, padding not; float [batch, sequence]. */
  readonly inSegment: readonly [string, string, string];
  /** 1 on text tokens, 0 on markers and padding; float [batch, sequence]. */
  readonly isText: string;
  /** 1 where two positions hold the same text token; float [batch, sequence, sequence]. */
  readonly sameToken: string;
  /** Does a token occur in another segment, alone, after, or before the same neighbour; float [batch, sequence, 9]. */
  readonly matches: string;
  /** 1 where two positions are in the same sentence of the response; float [batch, sequence, sequence]. */
  readonly sameSentence: string;
}

/** Derives segments, positions and exact matches, so that a pack takes plain token ids. */
export function exchangeFeatures(graph: GraphBuilder, config: EncoderConfig, ids: string, mask: string): ExchangeFeatures {
  const { specialIds } = config;
  const float = (name: string): string => graph.cast(name, dataType.float32);
  const isId = (id: number): string => graph.cast(graph.op('Equal', [ids, graph.int(id)]), dataType.int64);
  const closed = graph.op('CumSum', [isId(specialIds.separator), graph.int(1)], { exclusive: 1 });
  const segments = graph.op('Min', [closed, graph.int(2)]);
  const positions = graph.op('Max', [graph.sub(graph.op('CumSum', [mask, graph.int(1)]), graph.int(1)), graph.int(0)]);
  const present = float(mask);
  const segment = (index: number): string => graph.mul(float(graph.op('Equal', [segments, graph.int(index)])), present);
  const inSegment = [segment(0), segment(1), segment(2)] as const;

  const isText = graph.mul(float(graph.op('GreaterOrEqual', [ids, graph.int(specialIds.firstText)])), present);
  const equal = float(graph.op('Equal', [graph.unsqueeze(ids, [2]), graph.unsqueeze(ids, [1])]));
  const sameToken = graph.mul(equal, graph.unsqueeze(isText, [1]));
  const matches = matchFeatures(graph, sameToken, inSegment);

  const sentence = graph.op('CumSum', [isId(specialIds.sentence), graph.int(1)]);
  const inResponse = inSegment[2];
  const sameNumber = float(graph.op('Equal', [graph.unsqueeze(sentence, [2]), graph.unsqueeze(sentence, [1])]));
  const sameSentence = graph.mul(sameNumber, graph.mul(graph.unsqueeze(inResponse, [2]), graph.unsqueeze(inResponse, [1])));
  return { segments, positions, inSegment, isText, sameToken, matches, sameSentence };
}

/** For each segment: is the token, the token with its left neighbour, the token with its right neighbour found there? */
function matchFeatures(graph: GraphBuilder, sameToken: string, inSegment: readonly string[]): string {
  const withLeft = graph.mul(sameToken, shift(graph, sameToken, 1));
  const withRight = graph.mul(sameToken, shift(graph, sameToken, -1));
  const columns = inSegment.flatMap((segment) => {
    const elsewhere = graph.sub(graph.float(1), segment);
    return [sameToken, withLeft, withRight].map((pairs) => {
      const found = graph.op('ReduceMax', [graph.mul(pairs, graph.unsqueeze(segment, [1])), graph.int([2])], { keepdims: 0 });
      return graph.unsqueeze(graph.mul(found, elsewhere), [2]);
    });
  });
  return graph.op('Concat', columns, { axis: 2 });
}

/** Moves a [batch, sequence, sequence] table along its diagonal by one, filling with zeros. */
function shift(graph: GraphBuilder, table: string, by: 1 | -1): string {
  const cut = (name: string, axis: number): string => (by === 1 ? graph.slice(name, axis, 0, -1) : graph.slice(name, axis, 1, 2 ** 31));
  const pads = by === 1 ? [0, 1, 1, 0, 0, 0] : [0, 0, 0, 0, 1, 1];
  return graph.op('Pad', [cut(cut(table, 1), 2), graph.int(pads), graph.float(0)]);
}
