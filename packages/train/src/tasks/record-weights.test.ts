import { alignerTokenIds } from '@align-squad/aligner';
import { createTextTokenizer } from '@align-squad/onnx';
import { expect, test } from 'vitest';
import { readAlignerRecords } from '../data/read-records.js';
import { trainAlignerTokenizer } from '../tokenizer/train-aligner-tokenizer.js';
import { tagRows, textRows } from './aligner-rows.js';
import { alignerConfig, changedWeights, corrections, eventsOf, metricsOf, useFolder, weightsIn, writeData } from './test-support.js';

const path = useFolder();
const nonsense = { prompt: 'And tea?', response: 'I like tea dear fool indeed.', correction: 'I indeed.' };

test('rows of texts and of tags have the weights of their records', async () => {
  const tokenizer = await createTextTokenizer(trainAlignerTokenizer(corrections.map(({ response }) => response), { vocabularySize: 300 }));
  const { records } = await readAlignerRecords([{ ...nonsense, weight: 0.25 }, nonsense]);
  const options = { tokenizer, special: alignerTokenIds(tokenizer), maxTokens: 128 };
  expect(textRows(records, options, ({ correction }) => correction).map(({ line, weight }) => [line, weight])).toEqual([[1, 0.25], [2, 1]]);
  expect(tagRows(records, options, []).map(({ line, weight }) => [line, weight])).toEqual([[1, 0.25], [2, 1]]);
});

test.each(['decoder', 'encoder-decoder', 'edit-tagger'] as const)('records of weight 0 teach and measure nothing: %s', async (design) => {
  const pairs = await writeData(path('pairs.jsonl'), corrections);
  await eventsOf(alignerConfig(pairs, path(design), design, { epochs: 1 }));
  const train = async (name: string, added: readonly object[]): Promise<number | undefined> => {
    const file = await writeData(path(`${design}-${name}.jsonl`), [...corrections, ...added]);
    // One batch an epoch and no warm-up, so that the order of the records does not count.
    const { aligner: _scratchOnly, ...config } = alignerConfig(file, path(`${design}-${name}`), design, { base: path(design), method: 'full', dev: [file], epochs: 2, batchTokens: 4096 });
    return metricsOf(await eventsOf({ ...config, aligner: { identityWarmup: 0 } }))['held.loss'];
  };
  const without = await train('without', [{ ...corrections[0], weight: 0 }]);
  const withNonsense = await train('with', [{ ...nonsense, weight: 0 }]);
  const counted = await train('counted', [{ ...nonsense, weight: 8 }]);
  expect(withNonsense).toBeCloseTo(without ?? Number.NaN, 4);
  expect(Math.abs((counted ?? 0) - (without ?? 0))).toBeGreaterThan(0.001);
  expect(changedWeights(await weightsIn(path(`${design}-with`), file(design)), await weightsIn(path(`${design}-counted`), file(design))).length).toBeGreaterThan(3);
});

function file(design: string): string {
  return design === 'encoder-decoder' ? 'onnx/encoder_model.onnx' : 'onnx/model.onnx';
}
