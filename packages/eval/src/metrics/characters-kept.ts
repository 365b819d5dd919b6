import { invalidDataset } from './scored.js';

/**
 * Share of the original's characters that survive in `rewrite`, in order, by the heaviest common run of words, spaces
 * and marks; 1 when the rewrite only adds. Time grows with the product of the two stretches that differ.
 * @throws AlignSquadError `invalid-dataset` when `original` is empty.
 */
export function charactersKept(original: string, rewrite: string): number {
  if (original === '') throw invalidDataset('Expected an original with at least one character.');
  const from = pieces(original);
  const to = pieces(rewrite);
  const head = sharedLead(from, to);
  const tail = sharedLead(from.slice(head).reverse(), to.slice(head).reverse());
  const middle = heaviestCommon(from.slice(head, from.length - tail), to.slice(head, to.length - tail));
  const edges = [...from.slice(0, head), ...from.slice(from.length - tail)];
  return (middle + edges.join('').length) / original.length;
}

function pieces(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+|\s+|[^\p{L}\p{N}\s]/gu) ?? [];
}

function sharedLead(from: readonly string[], to: readonly string[]): number {
  const differs = from.findIndex((piece, index) => piece !== to[index]);
  return differs === -1 ? from.length : differs;
}

// Longest common subsequence with each piece weighing its characters; one row is kept.
function heaviestCommon(from: readonly string[], to: readonly string[]): number {
  const best = new Float64Array(to.length + 1);
  for (const piece of from) {
    let diagonal = 0;
    to.forEach((other, column) => {
      const above = best[column + 1] ?? 0;
      const kept = piece === other ? diagonal + piece.length : 0;
      best[column + 1] = Math.max(above, best[column] ?? 0, kept);
      diagonal = above;
    });
  }
  return best[to.length] ?? 0;
}
