import { createWriteStream } from 'node:fs';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Triple } from '../records/records.js';
import { writeWhole, type TripleSource, type WriteOptions } from './whole-file.js';

/** How records become the text of a file. */
export interface TextFormat {
  /** A chunk for each record: text, or what `transform` takes. */
  readonly toChunk: (triple: Triple) => string | readonly string[];
  readonly transform?: Transform | undefined;
}

/**
 * Streams records into a text file, which appears whole or not at all. Returns how many there were.
 * @throws AlignSquadError `invalid-options` when the file can't be written; what `triples` throws; the signal's reason.
 */
export async function writeTextStream(path: string, triples: TripleSource, { toChunk, transform, signal }: TextFormat & WriteOptions): Promise<number> {
  let count = 0;
  async function* chunks(): AsyncGenerator<string | readonly string[]> {
    for await (const triple of triples) {
      yield toChunk(triple);
      count += 1;
    }
  }
  await writeWhole(
    path,
    async (part) => {
      const sink = createWriteStream(part, { flags: 'wx', flush: true });
      const source = Readable.from(chunks());
      await pipeline(transform ? [source, transform, sink] : [source, sink], { ...(signal && { signal }) });
    },
    { signal },
  );
  return count;
}

/** Writes records as JSON Lines; as `writeTextStream` otherwise. */
export function writeJsonLines(path: string, triples: TripleSource, { signal }: WriteOptions = {}): Promise<number> {
  return writeTextStream(path, triples, { toChunk: (triple) => `${JSON.stringify(triple)}\n`, signal });
}
