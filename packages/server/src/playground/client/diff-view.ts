import type { DiffPart, TextChange } from '@align-squad/squad';
import { el, unseen } from './dom.js';

/** The parts of a text and of what it became, by the stretches that differ. */
export function partsOfChanges(original: string, response: string, changes: readonly TextChange[]): DiffPart[] {
  let at = 0;
  const parts: DiffPart[] = [];
  for (const change of changes) {
    parts.push(
      { type: 'same', text: original.slice(at, change.original.start) },
      { type: 'removed', text: original.slice(change.original.start, change.original.end) },
      { type: 'added', text: response.slice(change.response.start, change.response.end) },
    );
    at = change.original.end;
  }
  parts.push({ type: 'same', text: original.slice(at) });
  return parts.filter(({ text }) => text !== '');
}

/** A diff to read: changes with nothing but space between them are one change, the removed text first. */
export function joinChanges(parts: readonly DiffPart[]): DiffPart[] {
  const joined: DiffPart[] = [];
  let removed = '';
  let added = '';
  const flush = (): void => {
    // space that both end with is kept
    const space = removed.length > 0 && added.length > 0 ? sharedEnd(removed, added) : '';
    const cut = (text: string): string => text.slice(0, text.length - space.length);
    joined.push({ type: 'removed', text: cut(removed) }, { type: 'added', text: cut(added) }, { type: 'same', text: space });
    removed = added = '';
  };
  for (const { type, text } of parts) {
    if (type === 'same' && text.trim() !== '') {
      flush();
      joined.push({ type, text });
      continue;
    }
    if (type !== 'added') removed += text;
    if (type !== 'removed') added += text;
  }
  flush();
  return joined.filter(({ text }) => text !== '');
}

function sharedEnd(one: string, other: string): string {
  const [space = ''] = /\s*$/.exec(one) ?? [];
  return other.endsWith(space) ? space : '';
}

/** A text with what was removed struck and what was added underlined. */
export function diffView(parts: readonly DiffPart[]): HTMLElement {
  return el('p', { class: 'text' }, ...joinChanges(parts).flatMap(partNodes));
}

function partNodes({ type, text }: DiffPart): readonly (Node | string)[] {
  if (type === 'same') return [text];
  return type === 'removed' ? [el('del', {}, unseen(' removed: '), text), unseen(' ')] : [el('ins', {}, unseen(' added: '), text), unseen(' ')];
}
