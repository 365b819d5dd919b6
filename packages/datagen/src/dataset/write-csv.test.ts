import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import { expect, test } from 'vitest';
import { tripleWith } from '../clean/test-support.js';
import { failingTriples, fullTriple, testFolder } from './test-support.js';
import { writeCsv } from './write-csv.js';

const header = 'input,initial_response,response_problems,aligned_response,question_type,topic,context,id,criterion,identity,adversarial,images\r\n';

test('fields with commas, quotes or any line break are quoted, and what a triple lacks is empty', async () => {
  const path = join(await testFolder(), 'a.csv');
  const short = tripleWith({ prompt: 'Why?', misaligned: 'No.', critique: 'Rude.', aligned: 'Yes.' });
  expect(await writeCsv(path, [fullTriple, short])).toBe(2);
  expect(await readFile(path, 'utf8')).toBe(
    `${header}"Is ""a, b"" one line\nor two?\rOr three?",=1+1,,Zwei Zeilen – 二行 🙂,"Questions, with a comma",Lines, padded ,full,ethical,false,true,` +
      `"[{""type"":""image_url"",""image_url"":{""url"":""data:image/png;base64,AA==""}}]"\r\nWhy?,No.,Rude.,Yes.,,,,a1,ethical,false,,\r\n`,
  );
});

test('a dataset without records is a header', async () => {
  const path = join(await testFolder(), 'a.csv');
  expect(await writeCsv(path, [])).toBe(0);
  expect(await readFile(path, 'utf8')).toBe(header);
});

test('formulas are made harmless only when asked for', async () => {
  const path = join(await testFolder(), 'a.csv');
  await writeCsv(path, [fullTriple], { escapeFormulas: true });
  expect(await readFile(path, 'utf8')).toContain(",'=1+1,");
});

test('an error of the records goes through, and neither file nor part is left', async () => {
  const folder = await testFolder();
  const error = new AlignSquadError('a', { code: 'invalid-dataset' });
  await expect(writeCsv(join(folder, 'a.csv'), failingTriples(error))).rejects.toBe(error);
  expect(await readdir(folder)).toEqual([]);
});

test('a file that can not be written is named without its folder', async () => {
  const path = join(await testFolder(), 'missing', 'a.csv');
  await expect(writeCsv(path, [fullTriple])).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringMatching(/^a\.csv could not be written \(ENOENT\)/u) });
});

test('a signal stops it with its reason and leaves a former file whole', async () => {
  const folder = await testFolder();
  const path = join(folder, 'a.csv');
  await writeCsv(path, []);
  const controller = new AbortController();
  const reason = { why: 'enough' };
  const endless = async function* () {
    for (let count = 0; ; count++) {
      if (count === 5000) controller.abort(reason);
      yield fullTriple;
    }
  };
  await expect(writeCsv(path, endless(), { signal: controller.signal })).rejects.toBe(reason);
  expect(await readdir(folder)).toEqual(['a.csv']);
  expect(await readFile(path, 'utf8')).toBe(header);
});
