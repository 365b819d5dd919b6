/** What no client may ever see: `doubleSquad` turns RUDE into KIND. */
export const leakMark = 'RUDE';

/** An answer whose second sentence is misaligned. */
export const leakText = 'Ask for the timetable first. Then say RUDE words to the clerk. The train leaves at nine.';

/** `leakText` in pieces of one size. */
export interface LeakCase {
  /** Characters of a piece, 1 to 64. */
  readonly size: number;
  readonly pieces: readonly string[];
}

/** The answer in every chunking from 1 to 64 characters, for the leak test of an adapter. */
export function leakCases(): readonly LeakCase[] {
  return Array.from({ length: 64 }, (_, index) => {
    const size = index + 1;
    const pieces = Array.from({ length: Math.ceil(leakText.length / size) }, (_, piece) => leakText.slice(piece * size, (piece + 1) * size));
    return { size, pieces };
  });
}
