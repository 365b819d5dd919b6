import { ethical } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import type { StageProgress } from '../run/ask-stage.js';
import { resolveRunSettings } from '../run/run-settings.js';
import { datasetCard, type CardParts } from './dataset-card.js';
import { formatDatasetCard } from './format-dataset-card.js';

const settings = resolveRunSettings({ criterion: ethical, count: 100, model: 'org/big', weakModel: 'small', format: 'two-models', seed: 7 });
const stage: StageProgress = { stage: 'questions', requests: 10, resumed: 4, answered: 9, failed: 1, unanswered: 0, rejected: 2, inputTokens: 300, outputTokens: 40 };
const filter = { name: 'length', description: 'A text is too long.', kept: 80, dropped: 5, shadow: false, examples: [{ id: 'secret-id', reason: 'long' }] };
const parts: CardParts = { settings, stages: [stage], filters: [filter], split: { train: 72, dev: 8 } };
const told: CardParts = {
  ...parts,
  settings: { ...settings, license: 'cc-by-4.0', currency: 'EUR' },
  stages: [{ ...stage, cost: 0.25 }, { ...stage, stage: 'triples', cost: 1.0000000004 }],
};

describe('datasetCard', () => {
  test('holds where the dataset comes from, and nothing of records', () => {
    expect(datasetCard(parts)).toEqual({
      schemaVersion: 1,
      criterion: { id: 'ethical', sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) },
      models: ['org/big', 'small'],
      format: 'two-models',
      seed: 7,
      stages: [{ stage: 'questions', requests: 10, usable: 7, rejected: 2, failed: 1, inputTokens: 300, outputTokens: 40 }],
      filters: [{ name: 'length', description: 'A text is too long.', kept: 80, dropped: 5, shadow: false }],
      split: { train: 72, dev: 8 },
    });
  });

  test('is the same when part of the answers were there before', () => {
    const again = { ...parts, stages: [{ ...stage, resumed: 10 }] };
    expect(JSON.stringify(datasetCard(again))).toBe(JSON.stringify(datasetCard(parts)));
  });

  test('has executor, costs and license when they are told', () => {
    expect(datasetCard({ ...told, executor: { name: 'batch' } })).toMatchObject({ executor: 'batch', costs: { amount: 1.25, currency: 'EUR' }, license: 'cc-by-4.0' });
  });
});

describe('formatDatasetCard', () => {
  test('is a README with front matter, tables and totals', () => {
    const text = formatDatasetCard(datasetCard(told));
    expect(text).toMatch(/^---\npretty_name: "Triples for ethical"\nlicense: "cc-by-4.0"\n/u);
    expect(text).toContain('size_categories: ["n<1K"]');
    expect(text).toContain('      - split: validation\n        path: "dev.*"\n---\n');
    expect(text).toContain('| questions | 10 | 7 | 2 | 1 | 300 | 40 |\n| triples | 10 | 7 | 2 | 1 | 300 | 40 |\n| all | 20 | 14 | 4 | 2 | 600 | 80 |');
    expect(text).toContain('| length | A text is too long. | 80 | 5 |');
    expect(text).toContain('- costs: 1.25 EUR for the answers that were kept\n- license: cc-by-4.0');
    expect(text).not.toMatch(/undefined|secret-id/u);
  });

  test('says what nobody told', () => {
    const text = formatDatasetCard(datasetCard(parts));
    expect(text).toContain('license: "other"');
    expect(text).toContain('- What it cost.');
    expect(text).toContain('- license: not chosen');
  });

  test('a part without records is no file to load', () => {
    expect(formatDatasetCard(datasetCard({ ...parts, split: { train: 72, dev: 0 } }))).not.toContain('dev.*');
  });

  test('a shadow filter only counts', () => {
    expect(formatDatasetCard(datasetCard({ ...parts, filters: [{ ...filter, shadow: true }] }))).toContain('| 80 | 5 (counted only) |');
  });

  test.each([
    [999, 'n<1K'],
    [1000, '1K<n<10K'],
    [70_000, '10K<n<100K'],
    [99_999_999, '10M<n<100M'],
    [100_000_000, '100M<n<1B'],
  ])('%i records are of the size %s', (train, size) => {
    expect(formatDatasetCard(datasetCard({ ...parts, split: { train, dev: 0 } }))).toContain(`size_categories: ["${size}"]`);
  });

  test('names can neither end the front matter nor a cell, nor add markup', () => {
    const evil = 'm\n---\n# x | <img src=a> [l](https://a.b) `c` "q"';
    const card = { ...datasetCard(parts), license: evil, models: [evil], criterion: { id: evil, sha256: 'a' }, stages: [{ ...datasetCard(parts).stages[0], stage: evil }] };
    const text = formatDatasetCard(card as ReturnType<typeof datasetCard>);
    const escaped = 'm --- \\# x \\| \\<img src\\=a\\> \\[l\\]\\(https\\://a.b\\) \\`c\\` "q"';
    expect(text.match(/^---$/gmu)).toHaveLength(2);
    expect(text.match(/^# /gmu)).toHaveLength(1);
    expect(text).toContain('license: "m --- # x | <img src=a> [l](https://a.b) `c` \\"q\\""\n');
    expect(text).toContain(`- written by: ${escaped}\n`);
    expect(text).toContain(`| ${escaped} | 10 |`);
  });
});
