/** Guesses the next tokens of a text that mostly copies another. */
export interface CopyDrafter {
  /** At most `most` tokens that may come next; none where nothing speaks for any. */
  draft(most: number): readonly number[];
  /** Tells which tokens came, and of how many drafted ones. */
  accept(ids: readonly number[], drafted: number): void;
}

/** Options of `createCopyDrafter`. */
export interface CopyDrafterOptions {
  /** What the text is likely to copy from beginning to end, such as the response that is corrected. */
  readonly source: readonly number[];
  /** Other tokens that it may repeat, such as the prompt; its own tokens are added as they come. */
  readonly context: readonly number[];
}

const longestDraft = 16;
const firstReach = 8;
const longestMatch = 8;
/** Tokens around the place in the source where the text is, within which one equal token shows that it goes on there. */
const nearby = 8;
/** Drafts in a row of which nothing was right, from which only longer matches are followed. */
const doubt = 6;
/** Drafted tokens from which the share of right ones decides whether drafting goes on, and that share. */
const judgedFrom = 64;
const leastShare = 0.1;

interface Place {
  readonly tokens: readonly number[];
  /** Index of the first token to draft. */
  readonly next: number;
  /** Tokens before it that equal the end of the text. */
  readonly matched: number;
}

/**
 * Drafts by the longest match of the end of the text in the source, then in the context (prompt look-up), then by the place in
 * the source after the last copied token. Drafts grow while they are right and shrink when they are not; where few are right
 * it stops.
 */
export function createCopyDrafter({ source, context }: CopyDrafterOptions): CopyDrafter {
  const text: number[] = [];
  const history = [...context];
  const sourceIndex = indexOf(source);
  const historyIndex = indexOf(history);
  let place = 0;
  let reach = firstReach;
  let misses = 0;
  let drafted = 0;
  let right = 0;
  let from: Place | undefined;

  const find = (): Place | undefined => {
    const inSource = longest(source, sourceIndex, text, place);
    const isNear = inSource !== undefined && Math.abs(inSource.next - place) <= nearby;
    if (inSource && (inSource.matched >= 2 || isNear)) return inSource;
    const inHistory = longest(history, historyIndex, text, history.length);
    if (inHistory && inHistory.matched >= 3) return inHistory;
    return place < source.length ? { tokens: source, next: place, matched: text.length === 0 ? longestMatch : 0 } : undefined;
  };

  return {
    draft(most) {
      from = undefined;
      if (drafted >= judgedFrom && right < leastShare * drafted) return [];
      const found = find();
      if (found === undefined || (misses >= doubt && found.matched < 3)) return [];
      from = found;
      const length = Math.min(most, lengthFor(found.matched, reach));
      return found.tokens.slice(found.next, found.next + length);
    },
    accept(ids, count) {
      const copied = Math.min(count, countEqual(ids, from));
      drafted += count;
      right += copied;
      if (count > 0) {
        misses = copied === 0 ? misses + 1 : 0;
        reach = copied === count ? longestDraft : firstReach;
      }
      // A token that came in the place of another stands for it until a match says otherwise.
      if (from?.tokens === source) place = from.next + ids.length;
      else place += ids.length;
      for (const id of ids) {
        add(historyIndex, id, history.length);
        history.push(id);
        text.push(id);
      }
      const seen = longest(source, sourceIndex, text, place);
      if (seen && (seen.matched >= 2 || Math.abs(seen.next - place) <= nearby)) place = seen.next;
    },
  };
}

function lengthFor(matched: number, reach: number): number {
  if (matched >= 3) return reach;
  if (matched === 2) return firstReach;
  return 4;
}

function countEqual(ids: readonly number[], from: Place | undefined): number {
  if (!from) return 0;
  const wrong = ids.findIndex((id, index) => id !== from.tokens[from.next + index]);
  return wrong < 0 ? ids.length : wrong;
}

type Index = Map<number, number[]>;

function add(index: Index, id: number, at: number): void {
  const places = index.get(id);
  if (places) places.push(at);
  else index.set(id, [at]);
}

function indexOf(tokens: readonly number[]): Index {
  const index: Index = new Map();
  tokens.forEach((id, at) => add(index, id, at));
  return index;
}

/** The place after the longest match of the end of `text`; of equally long ones the nearest to `near`. */
function longest(tokens: readonly number[], index: Index, text: readonly number[], near: number): Place | undefined {
  let best: Place | undefined;
  for (const at of index.get(text.at(-1) ?? -1) ?? []) {
    if (at + 1 >= tokens.length) continue;
    let matched = 1;
    while (matched < longestMatch && matched < text.length && at >= matched && tokens[at - matched] === text[text.length - 1 - matched]) matched += 1;
    const isBetter = !best || matched > best.matched || (matched === best.matched && Math.abs(at + 1 - near) < Math.abs(best.next - near));
    if (isBetter) best = { tokens, next: at + 1, matched };
  }
  return best;
}
