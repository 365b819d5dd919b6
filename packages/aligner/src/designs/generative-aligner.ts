import { AlignSquadError, type AlignerOptions, type AlignEvent, type AlignRequest, type Exchange } from '@align-squad/core';
import type { DecodeTokens, TextTokenizer } from '@align-squad/onnx';
import type { AlignerTokenIds } from '../format/aligner-tokens.js';
import { breakMarkers } from '../format/encode-text.js';
import { layoutSource } from '../format/layout-source.js';
import { alignerFailure, checkRequest, type PackAligner } from './pack-aligner-base.js';
import { decodeEncoded, readRewrite } from './read-rewrite.js';

/** What a generative aligner is made of. */
export interface GenerativeAlignerOptions {
  readonly version: string;
  readonly criteria: readonly string[];
  readonly tokenizer: TextTokenizer;
  readonly special: AlignerTokenIds;
  /** Most tokens of a source. */
  readonly maxTokens: number;
  /** Most tokens of a rewrite of a source of so many tokens; 0 and less for none. */
  readonly roomAfter: (sourceTokens: number) => number;
  readonly decode: DecodeTokens;
  /** Give text as it is decoded. */
  readonly live: boolean;
  readonly dispose: () => Promise<void>;
}

/**
 * An aligner that writes its rewrite token by token up to [DONE]. `none` where the rewrite is blank, is the response,
 * does not end within its tokens, or the exchange does not fit. Text is held until the rewrite is known to be whole;
 * with `live` it comes as soon as it differs from the response, and then a rewrite that does not end throws `aligner-failed`.
 */
export function createGenerativeAligner(options: GenerativeAlignerOptions): PackAligner {
  const { version, criteria, dispose } = options;
  return {
    contract: 'aligner/1',
    version,
    criteria,
    abilities: { maxCandidates: 1, deterministic: true },
    async *align(request: AlignRequest, { signal }: AlignerOptions = {}): AsyncGenerator<AlignEvent> {
      signal?.throwIfAborted();
      const exchange = checkRequest(request, criteria);
      if ((request.candidate ?? 0) > 0) return yield { type: 'end', outcome: 'none' };
      let isGiven = false;
      for await (const text of rewriteTexts(options, exchange, signal)) {
        isGiven = true;
        yield { type: 'text', text };
        signal?.throwIfAborted();
      }
      yield { type: 'end', outcome: isGiven ? 'rewritten' : 'none' };
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** The texts of the rewrite; no text where there is none. */
async function* rewriteTexts(
  options: GenerativeAlignerOptions,
  exchange: Exchange,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const { tokenizer, special, maxTokens, roomAfter, decode, live } = options;
  const ids = layoutSource(tokenizer, special, exchange, { maxTokens });
  const room = ids === undefined ? 0 : roomAfter(ids.length);
  if (ids === undefined || room <= 0) return;
  const unchanged = copiesOf(exchange.response, options);
  const stopId = special.done.length === 1 ? special.done[0] : undefined;
  const tokens = decode({ ids, maxTokens: room, stopId, copyFrom: responseOf(ids, special), signal });
  let given = '';
  let held = '';
  const isNews = (): boolean => given !== '' || (held.trim() !== '' && !unchanged.some((copy) => copy.startsWith(held)));
  for await (const event of guarded(readRewrite(tokens, tokenizer, special.done), signal)) {
    if (event.type === 'text') {
      held += event.text;
      if (!live || !isNews()) continue;
    } else if (!event.isWhole) {
      if (given === '') return;
      throw new AlignSquadError(`The rewrite did not end within ${room} tokens.`, { code: 'aligner-failed' });
    } else if (given === '' && (held.trim() === '' || unchanged.includes(held))) return;
    if (held !== '') yield held;
    given += held;
    held = '';
  }
}

/** Ids of the response in a source, which a rewrite mostly copies: between the last [INIT] and [ALIGNED]. */
function responseOf(ids: readonly number[], { init, aligned }: AlignerTokenIds): readonly number[] {
  const end = ids.length - aligned.length;
  const isAfterInit = (place: number): boolean => init.every((id, index) => ids[place - init.length + index] === id);
  let start = end;
  while (start > 0 && !isAfterInit(start)) start -= 1;
  return ids.slice(start, end);
}

/** The response, and what it reads after the tokenizer, which may change white space or letters. */
function copiesOf(response: string, { tokenizer, special }: GenerativeAlignerOptions): string[] {
  return [response, decodeEncoded(tokenizer, breakMarkers(response, special))];
}

/** What the model throws, as the aligner's own failure. */
async function* guarded<T>(events: AsyncGenerator<T, void, undefined>, signal: AbortSignal | undefined): AsyncGenerator<T, void, undefined> {
  try {
    yield* events;
  } catch (error) {
    throw alignerFailure(error, 'The model of the aligner failed.', signal);
  }
}
