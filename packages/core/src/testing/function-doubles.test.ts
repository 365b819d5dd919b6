import { expect, test } from 'vitest';
import { collectCorrection } from '../aligner.js';
import { functionAligner, functionInspector } from './index.js';

const request = { exchange: { response: 'Bad.' }, criterion: 'ethical' };

test('an inspector scores by its function, exchange by exchange and criterion by criterion', async () => {
  const inspector = functionInspector(({ response }, criterion) => (criterion === 'ethical' ? response.length / 10 : 0), {
    criteria: ['ethical', 'helpful'],
    threshold: 0.4,
  });
  const inspections = await inspector.inspect([{ response: 'Bad.' }, { response: 'Ok' }]);
  expect(inspections.map(({ ethical, helpful }) => [ethical?.status, ethical?.misalignment, helpful?.status])).toEqual([
    ['flag', 0.4, 'pass'],
    ['pass', 0.2, 'pass'],
  ]);
});

test('an inspector records its calls', async () => {
  const inspector = functionInspector(() => 0);
  await inspector.inspect([request.exchange], { criteria: ['helpful'] });
  expect(inspector.calls).toEqual([{ exchanges: [request.exchange], criteria: ['helpful'] }]);
});

test('what the function of an inspector throws becomes `inspector-failed`', async () => {
  const cause = new TypeError('broken');
  const inspector = functionInspector(() => {
    throw cause;
  });
  await expect(inspector.inspect([request.exchange])).rejects.toMatchObject({ code: 'inspector-failed', cause });
});

test('an aligner rewrites by its function', async () => {
  const aligner = functionAligner(({ exchange }) => exchange.response.replace('Bad', 'Good'));
  expect(await collectCorrection(aligner, request)).toEqual({ outcome: 'rewritten', response: 'Good.' });
  expect(aligner.calls).toEqual([request]);
});

test('an aligner asks its function for the candidates that it has and no more', async () => {
  const aligner = functionAligner(({ candidate = 0 }) => `Rewrite ${candidate}.`, { maxCandidates: 2 });
  const corrections = [0, 1, 2].map((candidate) => collectCorrection(aligner, { ...request, candidate }));
  expect((await Promise.all(corrections)).map(({ outcome }) => outcome)).toEqual(['rewritten', 'rewritten', 'none']);
});

test('what the function of an aligner throws becomes `aligner-failed`', async () => {
  const cause = new TypeError('broken');
  const aligner = functionAligner(() => {
    throw cause;
  });
  await expect(collectCorrection(aligner, request)).rejects.toMatchObject({ code: 'aligner-failed', cause });
});
