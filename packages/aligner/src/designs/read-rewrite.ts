import { createTextStream, type TextTokenizer } from '@align-squad/onnx';

/** Text of a rewrite as it comes; then whether it came to its end, or only to that of its tokens. */
export type RewriteEvent = { readonly type: 'text'; readonly text: string } | { readonly type: 'end'; readonly isWhole: boolean };

/**
 * Text that comes back from a tokenizer that was given `text`, without the space that some put before every text.
 */
export function decodeEncoded(tokenizer: Pick<TextTokenizer, 'encode' | 'decode'>, text: string): string {
  const decoded = tokenizer.decode(tokenizer.encode(text));
  return addsSpace(tokenizer) && decoded.startsWith(' ') ? decoded.slice(1) : decoded;
}

/** Reads tokens as text up to the marker `done`, which is one token or, where it is spelt, several in a row. */
export async function* readRewrite(
  tokens: AsyncIterable<number>,
  tokenizer: Pick<TextTokenizer, 'encode' | 'decode'>,
  done: readonly number[],
): AsyncGenerator<RewriteEvent, void, undefined> {
  const stream = createTextStream(tokenizer);
  let dropsSpace = addsSpace(tokenizer);
  const clean = (text: string): string => {
    if (!dropsSpace || text === '') return text;
    dropsSpace = false;
    return text.startsWith(' ') ? text.slice(1) : text;
  };
  // What may be the beginning of the marker is no text yet.
  const held: number[] = [];
  let isWhole = false;
  for await (const id of tokens) {
    held.push(id);
    while (!held.every((each, index) => each === done[index])) {
      const text = clean(stream.push(held.shift() ?? 0));
      if (text !== '') yield { type: 'text', text };
    }
    isWhole = held.length === done.length;
    if (isWhole) break;
  }
  const text = clean(stream.end());
  if (text !== '') yield { type: 'text', text };
  yield { type: 'end', isWhole };
}

function addsSpace(tokenizer: Pick<TextTokenizer, 'encode' | 'decode'>): boolean {
  return tokenizer.decode(tokenizer.encode('a')) === ' a';
}
