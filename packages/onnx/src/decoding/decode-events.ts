import type { CopyDrafter } from './copy-drafter.js';
import { isEnded, type DecodeSessionRequest } from './decode-request.js';
import type { DecoderRun } from './decoder-run.js';
import { createPass } from './pass.js';
import { chooseToken, type TokenChooser } from './token-chooser.js';
import type { LikelyToken } from './top-tokens.js';

/** What a stream of tokens consists of. */
export type DecodeEvent =
  | {
      readonly type: 'tokens';
      readonly ids: readonly number[];
      /** Of each of `ids` the likeliest tokens of its place, likeliest first, where the request asked for some. */
      readonly likely?: readonly (readonly LikelyToken[])[] | undefined;
    }
  | DecodeEnd;

/** The last event of a stream: why it ended, and what it took. */
export interface DecodeEnd {
  readonly type: 'end';
  /** `stop`: a stop came, and is given; `length`: as many tokens as asked for. */
  readonly reason: 'stop' | 'length';
  /** Runs of the decoder. */
  readonly passes: number;
  /** Tokens that were guessed, and of these those that came. */
  readonly drafted: number;
  readonly accepted: number;
}

/** What one text is decoded with. */
export interface DecodeEventsOptions {
  readonly run: DecoderRun;
  /** What the decoder reads first. */
  readonly prompt: readonly number[];
  readonly request: DecodeSessionRequest;
  readonly chooser: TokenChooser;
  /** @default no drafts */
  readonly drafter?: CopyDrafter | undefined;
}

/**
 * Decodes one text. Drafted tokens are run together with the last one that is known, and kept as far as each is what would have
 * been chosen after those before it, so that the tokens are those of a pass for each (Leviathan et al. 2023, with drafts that
 * are certain).
 */
export async function* decodeEvents({ run, prompt, request, chooser, drafter }: DecodeEventsOptions): AsyncGenerator<DecodeEvent, void, undefined> {
  const { maxTokens, signal } = request;
  const text: number[] = [];
  const totals = { passes: 0, drafted: 0, accepted: 0 };
  let pending = prompt;
  let hasStopped = false;
  signal?.throwIfAborted();
  while (text.length < maxTokens && !hasStopped) {
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    const draft = drafter?.draft(maxTokens - text.length - 1) ?? [];
    const pass = createPass(run, [[...pending, ...draft]], draft.length + 1);
    const { count } = await pass.rows(chooser.wants);
    signal?.throwIfAborted();
    const ids: number[] = [];
    const likely: (readonly LikelyToken[])[] = [];
    // One row follows each token of the draft and the last one before it.
    for (let row = 0; row < count; row++) {
      const { id, likely: places } = await chooseToken(chooser, pass, 0, row);
      ids.push(id);
      text.push(id);
      if (places) likely.push(places);
      hasStopped = isEnded(text, request);
      if (hasStopped || id !== draft[row]) break;
    }
    run.keep(pending.length + ids.length - 1);
    drafter?.accept(ids, draft.length);
    totals.passes += pass.runs();
    totals.drafted += draft.length;
    totals.accepted += Math.min(ids.length, draft.length, countSame(ids, draft));
    yield { type: 'tokens', ids, ...(likely.length > 0 && { likely }) };
    pending = ids.slice(-1);
  }
  yield { type: 'end', reason: hasStopped ? 'stop' : 'length', ...totals };
}

function countSame(ids: readonly number[], draft: readonly number[]): number {
  const other = ids.findIndex((id, index) => id !== draft[index]);
  return other < 0 ? ids.length : other;
}
