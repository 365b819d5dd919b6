import { AlignSquadError } from '@align-squad/core';
import { byteAlphabet, toByteCharacters } from './byte-alphabet.js';
import { PairQueue } from './pair-queue.js';

/** Options of `trainByteLevelBpe`. */
export interface BpeOptions {
  /** Tokens in all: special tokens, 256 bytes, merges. */
  readonly vocabularySize: number;
  /** Get the first ids, in this order. */
  readonly specialTokens: readonly string[];
  /** Fold upper case into lower case. @default true */
  readonly lowercase?: boolean | undefined;
  /** Words that occur fewer times are left out. @default 2 */
  readonly minCount?: number | undefined;
}

interface Word {
  symbols: string[];
  readonly count: number;
}

// The pre-tokenizer of GPT-2, which tokenizer.json names by `use_regex`.
const wordPattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * Trains a byte-level BPE tokenizer (Sennrich et al. 2016, bytes as in GPT-2).
 * Returns the content of a `tokenizer.json` that Hugging Face tokenizers load; the same texts give the same file.
 * @throws AlignSquadError `invalid-options` when the vocabulary is too small for bytes and special tokens, and when a
 * special token is given twice or is also a piece of text.
 */
export function trainByteLevelBpe(texts: Iterable<string>, options: BpeOptions): object {
  const { vocabularySize, specialTokens, lowercase = true, minCount = 2 } = options;
  const mergeCount = vocabularySize - specialTokens.length - byteAlphabet.length;
  if (!(mergeCount >= 0)) {
    throw new AlignSquadError(`Expected \`vocabularySize\` to be at least ${specialTokens.length + byteAlphabet.length}, got \`${vocabularySize}\`.`, {
      code: 'invalid-options',
    });
  }
  const words = countWords(texts, lowercase)
    .filter(([, count]) => count >= minCount)
    .map(([word, count]): Word => ({ symbols: toByteCharacters(word), count }));
  const merges = learnMerges(words, mergeCount);
  const pieces = [...new Set([...byteAlphabet, ...merges.map((pair) => pair.replace(' ', ''))])];
  requireDistinct(specialTokens, pieces);
  return tokenizerJson([...specialTokens, ...pieces], merges, specialTokens, lowercase);
}

function requireDistinct(specialTokens: readonly string[], pieces: readonly string[]): void {
  const taken = new Set(['', ...pieces]);
  for (const [index, token] of specialTokens.entries()) {
    if (taken.has(token)) {
      throw new AlignSquadError(`Expected \`specialTokens[${index}]\` to be no other token and no piece of text; put it in brackets.`, { code: 'invalid-options' });
    }
    taken.add(token);
  }
}

function countWords(texts: Iterable<string>, lowercase: boolean): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const normal = ` ${text.normalize('NFC')}`;
    for (const [word] of (lowercase ? normal.toLowerCase() : normal).matchAll(wordPattern)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Merges the most frequent pair until enough are found; counts are kept up to date word by word. */
function learnMerges(words: readonly Word[], mergeCount: number): string[] {
  const counts = new Map<string, number>();
  const places = new Map<string, Set<Word>>();
  const queue = new PairQueue();
  const touched = new Set<string>();
  const change = (word: Word, sign: 1 | -1): void => {
    for (let at = 0; at + 1 < word.symbols.length; at++) {
      const key = `${word.symbols[at]} ${word.symbols[at + 1]}`;
      counts.set(key, (counts.get(key) ?? 0) + sign * word.count);
      touched.add(key);
      if (sign === 1) places.set(key, (places.get(key) ?? new Set()).add(word));
    }
  };
  const requeue = (): void => {
    for (const key of touched) queue.push({ key, count: counts.get(key) ?? 0 });
    touched.clear();
  };
  for (const word of words) change(word, 1);
  requeue();
  const merges: string[] = [];
  while (merges.length < mergeCount) {
    const top = queue.pop();
    if (!top || top.count < 1) break;
    if (counts.get(top.key) !== top.count) continue;
    merges.push(top.key);
    for (const word of places.get(top.key) ?? []) {
      change(word, -1);
      word.symbols = mergePair(word.symbols, top.key);
      change(word, 1);
    }
    places.delete(top.key);
    counts.delete(top.key);
    touched.delete(top.key);
    requeue();
  }
  return merges;
}

function mergePair(symbols: readonly string[], key: string): string[] {
  const merged: string[] = [];
  for (let at = 0; at < symbols.length; at++) {
    const symbol = symbols[at] ?? '';
    const next = symbols[at + 1];
    if (next !== undefined && `${symbol} ${next}` === key) {
      merged.push(symbol + next);
      at++;
    } else merged.push(symbol);
  }
  return merged;
}

function tokenizerJson(vocabulary: readonly string[], merges: readonly string[], specialTokens: readonly string[], lowercase: boolean): object {
  const normalizers = [{ type: 'NFC' }, ...(lowercase ? [{ type: 'Lowercase' }] : [])];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true,
    })),
    normalizer: { type: 'Sequence', normalizers },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null,
      fuse_unk: false, byte_fallback: false, ignore_merges: false,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges,
    },
  };
}
