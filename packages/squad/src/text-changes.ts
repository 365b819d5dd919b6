import { diffTexts } from './diff-texts.js';
import type { TextChange } from './result.js';

/** Where two texts differ, in words, in order; without the changes they are the same text. */
export function textChanges(original: string, response: string): TextChange[] {
  if (original === response) return [];
  const changes: TextChange[] = [];
  let place = { original: 0, response: 0 };
  let open = place;
  const close = (): void => {
    if (open.original === place.original && open.response === place.response) return;
    changes.push({
      original: { start: open.original, end: place.original },
      response: { start: open.response, end: place.response },
    });
  };
  for (const { type, text } of diffTexts(original, response)) {
    if (type === 'same') close();
    place = {
      original: place.original + (type === 'added' ? 0 : text.length),
      response: place.response + (type === 'removed' ? 0 : text.length),
    };
    if (type === 'same') open = place;
  }
  close();
  return changes;
}
