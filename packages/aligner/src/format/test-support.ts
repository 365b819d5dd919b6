import { createTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { alignerTokens } from './aligner-tokens.js';

/** Byte-level BPE without merges, so that a token is a byte, behind these special tokens. */
export function byteTokenizerJson(specialTokens: readonly string[] = Object.values(alignerTokens)): object {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const isPrintable = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  const hidden = bytes.filter((byte) => !isPrintable(byte));
  const characters = bytes.map((byte) => String.fromCodePoint(isPrintable(byte) ? byte : 256 + hidden.indexOf(byte)));
  const vocab = Object.fromEntries([...specialTokens, ...characters].map((token, id) => [token, id]));
  return {
    version: '1.0',
    added_tokens: specialTokens.map((content, id) => ({ id, content, special: true })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab, merges: [] },
  };
}

/** The tokenizer of `byteTokenizerJson`, ready to use. */
export function createByteTokenizer(specialTokens?: readonly string[]): Promise<TextTokenizer> {
  return createTextTokenizer(byteTokenizerJson(specialTokens));
}
