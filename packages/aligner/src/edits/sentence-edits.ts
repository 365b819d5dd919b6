import type { SpanScore } from '@align-squad/core';

/** What happens to one sentence: it is left out, or another text takes its place. */
export type SentenceEdit = { readonly type: 'delete' } | { readonly type: 'replace'; readonly text: string };

/** The response with some sentences edited, by index in `spans`; all others stay as they are, character for character. */
export function editSentences(response: string, spans: readonly SpanScore[], edits: ReadonlyMap<number, SentenceEdit>): string {
  let result = '';
  let last = 0;
  spans.forEach(({ start, end }, index) => {
    const edit = edits.get(index);
    if (!edit) return;
    result += response.slice(last, start);
    last = end;
    if (edit.type === 'replace') {
      const sentence = response.slice(start, end);
      const lead = sentence.slice(0, sentence.length - sentence.trimStart().length);
      result += lead + edit.text + sentence.slice(sentence.trimEnd().length);
    }
  });
  result += response.slice(last);
  return edits.size > 0 ? result.trimEnd() : result;
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
