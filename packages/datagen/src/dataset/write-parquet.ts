import { open, type FileHandle } from 'node:fs/promises';
import { ByteWriter, ParquetWriter, schemaFromColumnData, type ColumnSource, type Writer } from 'hyparquet-writer';
import type { Triple } from '../records/records.js';
import { writeWhole, type TripleSource, type WriteOptions } from './whole-file.js';

/** Options of `writeParquet`. */
export interface ParquetOptions extends WriteOptions {
  /** Most records of a row group, which is what is held in memory. @default 10_000 */
  readonly rowGroupSize?: number | undefined;
}

interface ParquetColumn {
  readonly name: string;
  readonly type: 'STRING' | 'BOOLEAN';
  readonly nullable: boolean;
  readonly value: (triple: Triple) => string | boolean | undefined;
}

const columns: readonly ParquetColumn[] = [
  { name: 'id', type: 'STRING', nullable: false, value: ({ id }) => id },
  { name: 'criterion', type: 'STRING', nullable: false, value: ({ criterion }) => criterion },
  { name: 'prompt', type: 'STRING', nullable: false, value: ({ prompt }) => prompt },
  { name: 'context', type: 'STRING', nullable: true, value: ({ context }) => context },
  { name: 'misaligned', type: 'STRING', nullable: false, value: ({ misaligned }) => misaligned },
  { name: 'critique', type: 'STRING', nullable: false, value: ({ critique }) => critique },
  { name: 'aligned', type: 'STRING', nullable: false, value: ({ aligned }) => aligned },
  { name: 'identity', type: 'BOOLEAN', nullable: false, value: ({ identity }) => identity },
  { name: 'topic', type: 'STRING', nullable: true, value: ({ topic }) => topic },
  { name: 'questionType', type: 'STRING', nullable: true, value: ({ questionType }) => questionType },
  { name: 'adversarial', type: 'BOOLEAN', nullable: true, value: ({ adversarial }) => adversarial },
  { name: 'images', type: 'STRING', nullable: true, value: ({ images }) => images && JSON.stringify(images) },
];

// Images may be whole files, so records alone do not bound a group.
const charactersAGroup = 1 << 25;

/**
 * Writes triples as Parquet (Snappy), a column a field of `Triple` under its name; `images` is JSON text, and what a triple lacks
 * is null. Memory holds one row group. The file appears whole or not at all; returns how many records it has.
 * @throws AlignSquadError `invalid-options` when the file can't be written; what `triples` throws; the signal's reason.
 */
export async function writeParquet(path: string, triples: TripleSource, { rowGroupSize = 10_000, signal }: ParquetOptions = {}): Promise<number> {
  let count = 0;
  await writeWhole(
    path,
    async (part) => {
      const file = await open(part, 'wx');
      try {
        const writer = new ParquetWriter({ writer: fileWriter(file), schema: schemaFromColumnData({ columnData: columnData([]) }), createdBy: 'align-squad' });
        for await (const group of groups(triples, rowGroupSize)) {
          signal?.throwIfAborted();
          await writer.write({ columnData: columnData(group), rowGroupSize: group.length });
          count += group.length;
        }
        await writer.finish();
        await file.sync();
      } finally {
        await file.close();
      }
    },
    { signal },
  );
  return count;
}

async function* groups(triples: TripleSource, most: number): AsyncGenerator<readonly Triple[]> {
  let group: Triple[] = [];
  let characters = 0;
  for await (const triple of triples) {
    group.push(triple);
    for (const { value } of columns) characters += String(value(triple) ?? '').length;
    if (group.length < most && characters < charactersAGroup) continue;
    yield group;
    group = [];
    characters = 0;
  }
  if (group.length > 0) yield group;
}

function columnData(group: readonly Triple[]): ColumnSource[] {
  return columns.map(({ name, type, nullable, value }) => ({ name, type, nullable, data: group.map((triple) => value(triple) ?? null) }));
}

/** Collects bytes and moves them to the file after each row group. */
function fileWriter(file: FileHandle): Writer {
  const writer = new ByteWriter();
  const flush = async (): Promise<void> => {
    await file.writeFile(writer.getBytes());
    writer.index = 0;
  };
  return Object.assign(writer, { flush, finish: flush });
}
