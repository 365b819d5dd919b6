import { AlignSquadError } from '@align-squad/core';
import type { OnnxSession } from '../session/session.js';
import { int64, type Tensor } from '../session/tensor.js';
import type { CacheShape } from './cache-shape.js';
import { emptyState, likeliestToken, runDecoder, type DecoderPass } from './decoder-state.js';

/** What is decoded, and how far. */
export interface DecodeRequest {
  /** What is continued, or for an encoder-decoder what its encoder reads; at least one token. */
  readonly ids: readonly number[];
  /** Most tokens to give. */
  readonly maxTokens: number;
  /** The token that ends the stream; it is given as the last one. @default none */
  readonly stopId?: number | undefined;
  /** What the tokens are likely to copy, such as the response that is corrected: engines that draft begin there. @default none */
  readonly copyFrom?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The seam for engines that decode: the tokens of one request as they come. */
export type DecodeTokens = (request: DecodeRequest) => AsyncGenerator<number, void, undefined>;

/** The sessions of an encoder-decoder. */
export interface EncoderDecoderSessions {
  readonly encoder: OnnxSession;
  readonly decoder: OnnxSession;
}

/** What greedy decoding knows of a decoder. */
export interface GreedyDecodeOptions extends DecodeRequest {
  /** Shape of its KV cache, as `readCacheShape` gives it. */
  readonly cache: CacheShape;
}

/** What greedy decoding knows of an encoder-decoder. */
export interface GreedyEncoderDecoderOptions extends GreedyDecodeOptions {
  /** The token that its decoder begins with. */
  readonly startId: number;
}

/**
 * Continues `ids` by the likeliest token each time, with the KV cache of a decoder in the layout of transformers.js:
 * `input_ids`, `attention_mask`, `position_ids`, `past_key_values.N.key` and `.value` to `logits`, `present.N.key` and
 * `.value`. Inputs that the graph does not have are left out; without a cache it sees all tokens again each time.
 * Timers and aborts come through between two passes.
 * @throws AlignSquadError `invalid-options`, `model-invalid` for a graph in another layout, `disposed`, or the signal's reason.
 */
export function greedyDecode(session: OnnxSession, options: GreedyDecodeOptions): AsyncGenerator<number, void, undefined> {
  return decode({ session, shape: options.cache, constants: {} }, options.ids, options);
}

/**
 * The tokens that an encoder-decoder makes of `ids`, the likeliest each time. The encoder gives `last_hidden_state`
 * from `input_ids` and `attention_mask`; the decoder is one graph for the first and for later passes, in the layout of
 * transformers.js: `input_ids`, `encoder_hidden_states`, `encoder_attention_mask`, `use_cache_branch`,
 * `past_key_values.N.decoder.key` and so on. Otherwise as `greedyDecode`.
 */
export async function* greedyDecodeEncoded(
  { encoder, decoder }: EncoderDecoderSessions,
  options: GreedyEncoderDecoderOptions,
): AsyncGenerator<number, void, undefined> {
  const { ids, signal, startId, cache } = options;
  requireTokens(ids);
  signal?.throwIfAborted();
  const mask = int64(ids.map(() => 1), [1, ids.length]);
  const encoded = await encoder.run(namedInputs(encoder, { input_ids: int64(ids, [1, ids.length]), attention_mask: mask }));
  const hidden = encoded['last_hidden_state'];
  if (!hidden) throw new AlignSquadError('Expected the encoder to give `last_hidden_state`.', { code: 'model-invalid' });
  const constants = namedInputs(decoder, { encoder_hidden_states: hidden, encoder_attention_mask: mask });
  yield* decode({ session: decoder, shape: cache, constants }, [startId], options);
}

async function* decode(
  pass: DecoderPass,
  ids: readonly number[],
  { maxTokens, stopId, signal }: DecodeRequest,
): AsyncGenerator<number, void, undefined> {
  requireTokens(ids);
  signal?.throwIfAborted();
  let state = emptyState;
  if (ids.length > 1 && maxTokens > 0) {
    // Logits of a whole prompt would be copied, [tokens, vocabulary], for the sake of one row.
    state = (await runDecoder(pass, state, ids.slice(0, -1), false)).state;
  }
  let last = ids.slice(-1);
  for (let given = 0; given < maxTokens; given++) {
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    const next = await runDecoder(pass, state, last, true);
    signal?.throwIfAborted();
    state = next.state;
    const id = likeliestToken(next.logits);
    yield id;
    if (id === stopId) return;
    last = [id];
  }
}

/** The tensors that the graph has inputs for. */
function namedInputs({ inputNames }: OnnxSession, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => inputNames.includes(name)));
}

function requireTokens(ids: readonly number[]): void {
  if (ids.length > 0) return;
  throw new AlignSquadError('Expected at least one token to decode from.', { code: 'invalid-options' });
}
