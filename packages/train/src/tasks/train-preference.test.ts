import { createPackAligner } from '@align-squad/aligner';
import { openPack } from '@align-squad/onnx';
import { beforeAll, describe, expect, test } from 'vitest';
import { alignerConfig, corrections, eventsOf, metricsOf, ofType, useFolder, writeData } from './test-support.js';
import type { TrainConfig } from './train-config.js';

const path = useFolder();
const designs = ['decoder', 'encoder-decoder', 'edit-tagger'] as const;
let data: string;
beforeAll(async () => {
  data = await writeData(path('data.jsonl'), corrections);
  for (const design of designs) await eventsOf(alignerConfig(data, path(design), design, { epochs: 1, batchTokens: 256 }));
});

/** Prefers corrections over responses, from the pack of a design. */
function preferring(base: string, out: string, changes: Partial<TrainConfig> = {}): TrainConfig {
  return { ...alignerConfig(data, path(out), 'decoder'), base: path(base), epochs: 10, batchTokens: 256, aligner: { objective: 'preference', beta: 0.5 }, ...changes };
}

describe.each(['decoder', 'encoder-decoder'] as const)('preferences of the design %s', (design) => {
  test.each(['lora', 'full'] as const)('are learned by %s: the loss falls from that of a coin', async (method) => {
    const out = `${design}-${method}`;
    const events = await eventsOf(preferring(design, out, { method, learningRate: 2e-2 }));
    const losses = ofType(events, 'step-end').map(({ loss }) => loss);
    // Nothing is preferred yet: -log sigmoid(0).
    expect(losses[0]).toBeCloseTo(Math.LN2, 4);
    expect(losses.at(-1)).toBeLessThan(0.5);
    expect(metricsOf(events)['held.loss']).toBeLessThan(0.6);
    await using aligner = await createPackAligner(await openPack(path(out)));
    expect(aligner.criteria).toEqual(['polite']);
  });
});

test('identities are left out of preferences, and counted', async () => {
  const events = await eventsOf(preferring('decoder', 'counted', { dev: [data], epochs: 1 }));
  expect(ofType(events, 'records')).toEqual([{ type: 'records', training: 10, held: 10, skipped: 4, cut: 0, lines: [6, 12] }]);
});

test('identities alone teach no preferences', async () => {
  const file = await writeData(path('identities.jsonl'), corrections.map(({ prompt, correction }) => ({ prompt, response: correction, correction })));
  await expect(eventsOf(preferring('decoder', 'none', { data: [file] }))).rejects.toMatchObject({ code: 'invalid-dataset', message: expect.stringContaining('identities') as string });
});

test.each(['scratch', 'edit-tagger'])('an edit tagger learns none: base %s', async (base) => {
  const aligner = { objective: 'preference', design: 'edit-tagger' } as const;
  const config = preferring('edit-tagger', 'refused', { base: base === 'scratch' ? base : path(base), method: 'full', aligner });
  await expect(eventsOf(config)).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('`correction`') as string });
});
