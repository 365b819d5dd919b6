import { createRandom } from '@align-squad/core';
import type { DecodeSessionRequest } from './decode-request.js';
import type { DecoderRows, RowsWanted } from './decoder-rows.js';
import { notNumbers } from './logits.js';
import { wholeRows, type Pass } from './pass.js';
import { pickToken, type Sampling } from './pick-token.js';
import { pickTopToken } from './pick-top-token.js';
import { likelyTokens, topTokensOf, type LikelyToken } from './top-tokens.js';

/** A token that was chosen. */
export interface ChosenToken {
  readonly id: number;
  /** The likeliest tokens of its place, where they were asked for. */
  readonly likely?: readonly LikelyToken[] | undefined;
}

/** Chooses tokens of one text, one after the other. */
export interface TokenChooser {
  /** What it reads of the next rows. */
  readonly wants: RowsWanted;
  /** Undefined where what `wants` said does not tell which token comes, so that it takes the whole row. */
  choose(rows: DecoderRows, text: number, row: number): ChosenToken | undefined;
}

/** Tokens beyond those asked for, that penalties may push down. */
const reserve = 64;
/** Tokens that nearly always hold the share that is drawn from. */
const topForShare = 256;
/** From so many on a whole row costs less. */
const mostTop = 1024;
/** A row in so many that does not do costs as much as is saved by the others. */
const leastGood = 10;

/** A chooser that takes the likeliest token, or draws one, for a text that begins with `prompt`. */
export function createTokenChooser({ sampling: { seed, ...sampling } = { temperature: 0 }, topLogprobs = 0 }: Pick<DecodeSessionRequest, 'sampling' | 'topLogprobs'>, prompt: readonly number[]): TokenChooser {
  const isLikeliest = sampling.temperature === 0 && (sampling.repetitionPenalty ?? 1) === 1;
  const random = createRandom(seed ?? 0);
  const seen = new Set(isLikeliest ? [] : prompt);
  const wants = wantsOf(sampling, topLogprobs, isLikeliest);
  let rowsRead = 0;
  let rowsShort = 0;
  const keep = (id: number, likely: LikelyToken[] | undefined): ChosenToken => {
    if (!isLikeliest) seen.add(id);
    return likely ? { id, likely } : { id };
  };
  return {
    get wants() {
      return rowsShort * leastGood > rowsRead + leastGood ? wholeRows : wants;
    },
    choose(rows, text, row) {
      rowsRead += 1;
      if (isLikeliest && topLogprobs === 0) return keep(rows.likeliest(text, row), undefined);
      const whole = rows.logits(text, row);
      if (whole) {
        const likely = topLogprobs > 0 ? likelyTokens(topTokensOf(whole, topLogprobs), topLogprobs) : undefined;
        return keep(pickToken(whole, sampling, seen, random), likely);
      }
      const top = rows.top(text, row);
      const id = top && pickTopToken(top, sampling, seen, random);
      if (top === undefined || id === undefined) {
        rowsShort += 1;
        return undefined;
      }
      return keep(id, topLogprobs > 0 ? likelyTokens(top, topLogprobs) : undefined);
    },
  };
}

/** Chooses the token after a row of a pass, which is run again where it takes whole rows. */
export async function chooseToken(chooser: TokenChooser, pass: Pass, text: number, row: number): Promise<ChosenToken> {
  const chosen = chooser.choose(await pass.rows(chooser.wants), text, row) ?? chooser.choose(await pass.rows(wholeRows), text, row);
  if (chosen) return chosen;
  throw notNumbers();
}

/** What tells all of the next token that these options ask for. */
function wantsOf({ temperature, topK, topP = 1, repetitionPenalty = 1 }: Sampling, topLogprobs: number, isLikeliest: boolean): RowsWanted {
  if (isLikeliest) return { logits: false, top: topLogprobs, temperature: 1 };
  // A penalty below 1 lifts tokens from anywhere.
  if (repetitionPenalty < 1) return wholeRows;
  const spare = repetitionPenalty > 1 ? reserve : 0;
  const count = temperature === 0 ? 1 : topK;
  if (count !== undefined) return count + spare > mostTop ? wholeRows : { logits: false, top: Math.max(count + spare, topLogprobs), temperature: 1 };
  // The sum over all tokens is that of one temperature, and not known once some are penalised.
  if (topP === 1 || spare > 0 || (topLogprobs > 0 && temperature !== 1)) return wholeRows;
  return { logits: false, top: Math.max(topForShare, topLogprobs), temperature };
}
