import { diffWordsWithSpace } from 'diff';
import type { DiffPart } from './result.js';

// beyond these a word diff costs more than it tells
const maxEditLength = 600;
const maxCharacters = 200_000;

/**
 * The difference of two texts in words: without the `added` parts it is `before`, without the `removed` parts `after`.
 * What differs in too many places becomes one `removed` and one `added` part, so that the cost stays bounded.
 */
export function diffTexts(before: string, after: string): DiffPart[] {
  if (before === after) return before === '' ? [] : [{ type: 'same', text: before }];
  const start = commonStart(before, after);
  const end = commonEnd(before, after, start);
  return mergeParts([
    { type: 'same', text: before.slice(0, start) },
    ...diffMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    { type: 'same', text: before.slice(before.length - end) },
  ]);
}

function diffMiddle(before: string, after: string): DiffPart[] {
  const parts =
    before.length + after.length > maxCharacters ? undefined : diffWordsWithSpace(before, after, { maxEditLength });
  if (!parts) {
    return [
      { type: 'removed', text: before },
      { type: 'added', text: after },
    ];
  }
  return parts.map((part) => ({ type: part.added ? 'added' : part.removed ? 'removed' : 'same', text: part.value }));
}

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\n';

/** Length of the common beginning, up to and with a space, so that no word is cut. */
function commonStart(before: string, after: string): number {
  let length = 0;
  let lastSpace = 0;
  while (length < before.length && length < after.length && before[length] === after[length]) {
    length += 1;
    if (isSpace(before[length - 1])) lastSpace = length;
  }
  return lastSpace;
}

/** Length of the common ending, from a space on, that does not overlap the common beginning. */
function commonEnd(before: string, after: string, start: number): number {
  const most = Math.min(before.length, after.length) - start;
  let length = 0;
  let lastSpace = 0;
  while (length < most && before[before.length - 1 - length] === after[after.length - 1 - length]) {
    length += 1;
    if (isSpace(before[before.length - length])) lastSpace = length;
  }
  return lastSpace;
}

function mergeParts(parts: readonly DiffPart[]): DiffPart[] {
  const merged: DiffPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.text === '') continue;
    if (last?.type === part.type) merged[merged.length - 1] = { type: part.type, text: last.text + part.text };
    else merged.push(part);
  }
  return merged;
}
