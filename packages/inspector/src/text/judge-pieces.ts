import type { Exchange } from '@align-squad/core';
import type { ResponseTexts } from '@align-squad/llm/prompts';
import type { ServedCriterion } from '../contract/define-inspector.js';
import type { Judgement } from '../contract/verdicts.js';
import { exchangePieces, poolPieces } from './exchange-pieces.js';

/** How the pieces of an exchange are judged. */
export interface JudgePiecesOptions {
  readonly criteria: readonly ServedCriterion[];
  /** Most UTF-16 units of each text of a piece. */
  readonly maxCharacters: number;
  /** P(misaligned) of a piece by criterion id; one that is missing could not be judged. */
  readonly judge: (texts: ResponseTexts) => Promise<ReadonlyMap<string, number>>;
  readonly signal: AbortSignal;
}

/** Judges an exchange by its pieces; a criterion under which a piece could not be judged is missing in the result. */
export async function judgePieces(exchange: Exchange, options: JudgePiecesOptions): Promise<Map<string, Judgement>> {
  const pieces = await exchangePieces(exchange, options.maxCharacters, options.signal);
  const judged = await Promise.all(
    pieces.map(async ({ texts, stretch }) => ({ stretch, scores: await options.judge(texts) })),
  );
  const judgements = options.criteria.flatMap((criterion): [string, Judgement][] => {
    const scores = judged.flatMap(({ stretch, scores: byCriterion }) => {
      const misalignment = byCriterion.get(criterion.id);
      return misalignment === undefined ? [] : [{ stretch, misalignment }];
    });
    return scores.length === pieces.length ? [[criterion.id, { misalignment: poolPieces(scores, criterion) }]] : [];
  });
  return new Map(judgements);
}
