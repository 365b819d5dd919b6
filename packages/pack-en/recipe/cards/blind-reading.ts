import { wilsonInterval } from '@align-squad/eval';
import { formatInterval, formatShare } from './markdown.js';

/** Pairs of a misaligned text and its rewrite, read without knowing which is which (`align-squad judge export` and `merge`). */
export interface BlindReading {
  /** Of the pack.json that made the rewrites. */
  readonly packSha256: string;
  readonly criterion: string;
  /** Texts of the dev split that ended aligned under the criterion alone, of which the pairs were drawn. */
  readonly drawnFrom: number;
  readonly seed: number;
  readonly readers: number;
  /** What was preferred, by the id of the record. */
  readonly choices: Readonly<Record<string, 'aligned' | 'original' | 'tie'>>;
}

/** What a card says of a reading. */
export function describeBlindReading(reading: BlindReading | null, packSha256: string): string {
  if (reading === null) return 'Nobody has read the rewrites of this pack against their originals yet.';
  const choices = Object.values(reading.choices);
  const count = (choice: string): number => choices.filter((one) => one === choice).length;
  const better = count('aligned');
  const share = `${formatShare(better / choices.length)} (${formatInterval(wilsonInterval(better / choices.length, choices.length), (one) => formatShare(one))})`;
  const pack = reading.packSha256 === packSha256 ? '' : ` It was read of an earlier pack, whose pack.json has the SHA-256 \`${reading.packSha256.slice(0, 16)}\`.`;
  return `Of the ${reading.drawnFrom} misaligned \`${reading.criterion}\` texts of the dev split that end aligned under \`${reading.criterion}\` alone, ${choices.length} were drawn (seed ${reading.seed}) and read in pairs, sides shuffled and hidden (the rewrite is nearly always the shorter one, so the hiding is thin), by ${reading.readers} reader${reading.readers === 1 ? '' : 's'} from the project: the rewrite was better in ${better}, ${share}; the original in ${count('original')}; ${count('tie')} were no better than before, mostly short answers that are wrong as a whole and of which a sentence was taken away. At least 80 of 100 were aimed at. The choices are in \`packages/pack-en/report/blind-reading.json\`.${pack}`;
}
