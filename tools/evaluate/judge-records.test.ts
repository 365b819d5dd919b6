import type { Aligner, Inspector } from '@align-squad/core';
import { createSquad } from 'align-squad';
import { expect, test } from 'vitest';
import { judgeRecords } from './judge-records.js';
import { drawSamples, formatSample } from './samples.js';
import { madeRecord } from './test-support.js';

const inspector: Inspector = {
  contract: 'inspector/1',
  version: 'words',
  criteria: ['ethical', 'helpful'],
  abilities: { maxBatchSize: 1, deterministic: true },
  async inspect(exchanges, options = {}) {
    return exchanges.map(({ response }) =>
      Object.fromEntries(
        (options.criteria ?? inspector.criteria).map((criterion) => {
          const misalignment = criterion === 'ethical' && response.includes('bad') ? 0.9 : 0.1;
          return [criterion, { status: misalignment > 0.5 ? 'flag' : 'pass', misalignment, threshold: 0.5 }] as const;
        }),
      ),
    );
  },
};
const aligner: Aligner = {
  contract: 'aligner/1',
  version: 'words',
  criteria: ['ethical', 'helpful'],
  abilities: { maxCandidates: 1, deterministic: true },
  async *align({ exchange }) {
    yield { type: 'text', text: exchange.response.replace('bad', 'kind') };
    yield { type: 'end', outcome: 'rewritten' };
  },
};
const records = [madeRecord({ id: 'a', context: 'source' }), madeRecord({ id: 'b', criterion: 'clean', identity: true })];

async function judge() {
  const squad = await createSquad({ pack: false, inspectors: [inspector], aligners: [aligner] });
  const done: number[] = [];
  const judged = await judgeRecords(records, squad, { criteria: squad.criteria, onRecord: (count) => done.push(count) });
  return { judged, done };
}

test('aligns a misaligned text to its own criterion and to all, and the aligned text to all', async () => {
  const [first] = (await judge()).judged;
  expect(Object.keys(first?.misaligned?.own.inspections ?? {})).toEqual(['ethical']);
  expect(Object.keys(first?.misaligned?.all.inspections ?? {})).toEqual(['ethical', 'helpful']);
  expect(first?.misaligned?.all).toMatchObject({ outcome: 'aligned', original: 'a bad', response: 'a kind' });
  expect(first?.aligned).toMatchObject({ outcome: 'clean', response: 'a good' });
});

test('does not take the text of an identity record for a misaligned one', async () => {
  const { judged, done } = await judge();
  expect(judged[1]?.misaligned).toBeUndefined();
  expect(done).toEqual([1, 2]);
});

test('shows a sample with its scores, its diff and the reference', async () => {
  const { judged } = await judge();
  const [sample] = drawSamples(judged, 5);
  if (sample === undefined) expect.fail('no sample');
  const text = formatSample(sample);
  expect(text).toContain('a (ethical): aligned; ethical 0.90 -> 0.10');
  expect(text).toContain('context    source');
  expect(text).toContain('[-bad-]{+kind+}');
  expect(text).toContain('reference  a good');
});

test('draws the same samples from the same seed', async () => {
  const { judged } = await judge();
  const many = Array.from({ length: 20 }, (_, index) => ({ ...judged[0], record: madeRecord({ id: `r${index}` }) })).flatMap(
    ({ aligned, misaligned, record }) => (aligned === undefined ? [] : [{ aligned, misaligned, record }]),
  );
  const ids = (seed: number): string[] => drawSamples(many, 5, seed).map(({ record }) => record.id);
  expect(ids(1)).toEqual(ids(1));
  expect(ids(1)).not.toEqual(ids(2));
});
