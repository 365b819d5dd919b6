import { expect, test } from 'vitest';
import { countTriples } from './count-data.js';
import { endOf, type EvaluationEvent } from './end-of.js';
import { readThirdPartyFile, validationRows } from './third-party-file.js';

async function* events(total: number, end: boolean): AsyncGenerator<EvaluationEvent<string>> {
  for (let done = 0; done <= total; done++) yield { type: 'progress', done, total };
  if (end) yield { type: 'end', evaluation: 'result' };
}

test('an evaluation is run to its end, with a line a quarter', async () => {
  const lines: string[] = [];
  expect(await endOf('squad', events(100, true), (line) => lines.push(line))).toBe('result');
  expect(lines).toEqual([25, 50, 75, 100].map((done) => `squad: ${done} of 100 texts`));
});

test('an evaluation without an end is an error', async () => {
  await expect(endOf('squad', events(2, false), () => undefined)).rejects.toMatchObject({ code: 'inspector-failed' });
});

test('a third-party set that is not there is undefined', async () => {
  expect(await readThirdPartyFile('no-such-set')).toBeUndefined();
});

test('only the validation part of a set becomes rows', () => {
  const record = { prompt: 'p', response: 'r', misaligned: 1 } as const;
  const records = [{ ...record, split: 'train' }, { ...record, split: 'val' }, { prompt: 'p', bad: 'b', good: 'g' }, record];
  expect(validationRows({ file: 'dia.gz', sha256: '', records }, 'ethical')).toEqual([
    { id: 'dia.gz 2', exchange: { prompt: 'p', response: 'r' }, labels: { ethical: true }, isClean: false },
  ]);
});

test('triples are counted by criterion, and those with one faulty sentence', () => {
  const triple = { id: 'a', criterion: 'ethical', prompt: 'p', context: null, critique: 'c', identity: false } as const;
  const counts = countTriples([
    { ...triple, misaligned: 'Good day. Go away.', aligned: 'Good day. Come in.' },
    { ...triple, misaligned: 'Go away.', aligned: 'Come in.' },
    { ...triple, context: 'x', misaligned: 'Come in.', aligned: 'Come in.', identity: true },
  ]);
  expect(counts).toEqual({ records: 3, byCriterion: { ethical: { records: 3, identity: 1, withContext: 1 } }, oneFaultySentence: 1, misaligned: 2 });
});
