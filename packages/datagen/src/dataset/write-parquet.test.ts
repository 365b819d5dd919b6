import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer } from 'hyparquet';
import { expect, test } from 'vitest';
import { tripleWith } from '../clean/test-support.js';
import { failingTriples, fullTriple, testFolder } from './test-support.js';
import { writeParquet } from './write-parquet.js';

async function buffer(path: string): Promise<AsyncBuffer> {
  const bytes = Uint8Array.from(await readFile(path)).buffer;
  return { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) };
}

test('records read back as they were, and what a triple lacks is null', async () => {
  const path = join(await testFolder(), 'a.parquet');
  expect(await writeParquet(path, [fullTriple, tripleWith()])).toBe(2);
  const nothing = { context: null, topic: null, questionType: null, adversarial: null, images: null };
  expect(await parquetReadObjects({ file: await buffer(path) })).toEqual([
    { ...fullTriple, images: JSON.stringify(fullTriple.images) },
    { ...tripleWith(), ...nothing },
  ]);
});

test('records are split into row groups, in their order', async () => {
  const path = join(await testFolder(), 'a.parquet');
  const ids = Array.from({ length: 25 }, (_, index) => `id-${index}`);
  await writeParquet(path, ids.map((id) => tripleWith({ id })), { rowGroupSize: 10 });
  const file = await buffer(path);
  const { row_groups } = await parquetMetadataAsync(file);
  expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([10, 10, 5]);
  expect((await parquetReadObjects({ file })).map((row) => row['id'])).toEqual(ids);
});

test('large texts end a row group early', async () => {
  const path = join(await testFolder(), 'a.parquet');
  const large = tripleWith({ context: 'a'.repeat(20_000_000) });
  await writeParquet(path, [large, large, tripleWith()]);
  const { row_groups } = await parquetMetadataAsync(await buffer(path));
  expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([2, 1]);
});

test('a dataset without records has its columns', async () => {
  const path = join(await testFolder(), 'a.parquet');
  expect(await writeParquet(path, [])).toBe(0);
  const { num_rows, schema } = await parquetMetadataAsync(await buffer(path));
  expect([num_rows, schema.length]).toEqual([0n, 13]);
});

test('an error of the records leaves no file', async () => {
  const folder = await testFolder();
  const error = new TypeError('a');
  await expect(writeParquet(join(folder, 'a.parquet'), failingTriples(error))).rejects.toBe(error);
  expect(await readdir(folder)).toEqual([]);
});

test('the same records give the same bytes', async () => {
  const folder = await testFolder();
  const paths = ['a', 'b'].map((name) => join(folder, `${name}.parquet`));
  for (const path of paths) await writeParquet(path, [fullTriple, tripleWith()]);
  const [a, b] = await Promise.all(paths.map((path) => readFile(path)));
  expect(a?.equals(b ?? Buffer.of())).toBe(true);
});
