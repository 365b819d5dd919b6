import type { SpanScore } from '@align-squad/core';

/** What happens to one sentence: it is left out, or another text takes its place. */
export type SentenceEdit = { readonly type: 'delete' } | { readonly type: 'replace'; readonly text: string };

const lineEnd = /[\n\r\u2028\u2029]/;
const listMarker = /^\s*(?:\d{1,9}[.)]|[-*•])\s+/;

/**
 * The response with some sentences edited, by index in `spans`; all others stay as they are, character for character.
 * A replacement keeps white space and list marker of what it replaces. A sentence that is left out takes its white
 * space along, but neither the marker nor the end of a line that others stand on.
 */
export function editSentences(response: string, spans: readonly SpanScore[], edits: ReadonlyMap<number, SentenceEdit>): string {
  const parts: string[] = [];
  let last = 0;
  let deletesEnd = false;
  for (const [index, { start, end }] of spans.entries()) {
    const edit = edits.get(index);
    if (!edit) continue;
    if (start > last) parts.push(response.slice(last, start));
    last = end;
    const sentence = response.slice(start, end);
    deletesEnd = edit.type === 'delete' && end === response.length;
    if (edit.type === 'replace') parts.push(leadOf(sentence, edit.text) + edit.text + whiteTail(sentence));
    else keepLine(parts, sentence, { isFollowed: end < response.length && edits.get(index + 1)?.type !== 'delete' });
  }
  const result = parts.join('') + response.slice(last);
  return deletesEnd ? result.trimEnd() : result;
}

function whiteTail(text: string): string {
  return text.slice(text.trimEnd().length);
}

function leadOf(sentence: string, replacement: string): string {
  const marker = listMarker.test(replacement) ? undefined : listMarker.exec(sentence)?.[0];
  return marker ?? sentence.slice(0, sentence.length - sentence.trimStart().length);
}

/** Adds what a deleted sentence leaves of its line, which others stand on. */
function keepLine(parts: string[], sentence: string, { isFollowed }: { readonly isFollowed: boolean }): void {
  const before = parts.at(-1) ?? '';
  const opensLine = before === '' || lineEnd.test(whiteTail(before));
  const tail = whiteTail(sentence);
  const breakAt = tail.search(lineEnd);
  if (opensLine && breakAt < 0 && isFollowed) {
    const marker = listMarker.exec(sentence)?.[0];
    if (marker !== undefined) parts.push(marker);
  } else if (!opensLine && breakAt >= 0) {
    parts.splice(-1, 1, before.trimEnd());
    parts.push(tail.slice(breakAt));
  }
}

/**
 * Sets of sentences that may be at fault, the likeliest first: those from `threshold` on, and the worst one alone.
 * Each is a list of indices in `spans`.
 */
export function faultySentences(spans: readonly SpanScore[], threshold: number): number[][] {
  if (spans.length === 0) return [];
  const tagged = spans.flatMap(({ misalignment }, index) => (misalignment >= threshold ? [index] : []));
  const worst = spans.reduce((best, span, index) => (span.misalignment > (spans[best]?.misalignment ?? 0) ? index : best), 0);
  return tagged.length === 0 || (tagged.length === 1 && tagged[0] === worst) ? [[worst]] : [tagged, [worst]];
}
