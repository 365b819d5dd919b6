import { expect, test } from 'vitest';
import { dataFrontMatter, modelFrontMatter, toYaml } from './front-matter.js';
import { criterionResult, madeUpMeasurement } from './test-support.js';

test('YAML has blocks of lists and maps, and quotes what it would read otherwise', () => {
  expect(toYaml({ a: ['b', 'no', 'c: d'], e: [{ f: 1, g: ['"'] }] })).toBe('a:\n  - b\n  - "no"\n  - "c: d"\ne:\n  - f: 1\n    g:\n      - "\\""');
});

test('the head of the model card has a result for each criterion and set', () => {
  const head = modelFrontMatter(madeUpMeasurement());
  expect(head).toMatch(/^---\nlanguage:\n {2}- en\nlicense: "apache-2.0"\nlibrary_name: align-squad\n/);
  expect(head).toContain('            value: 0.9599\n            name: "roc_auc (ethical)"');
  expect(head.match(/- task:/g)).toHaveLength(4);
  expect(head).toContain('name: "@made/up-<b>pack</b>|*x*"');
});

test('a metric without a value is left out', () => {
  const head = modelFrontMatter(madeUpMeasurement({ diaSafety: null, factualWithContext: criterionResult(null) }));
  expect(head).not.toContain('roc_auc (factual, with a context)');
  expect(head).not.toContain('null');
});

test('both heads end where they began', () => {
  for (const head of [modelFrontMatter(madeUpMeasurement()), dataFrontMatter(madeUpMeasurement())]) expect(head.split('\n').filter((line) => line === '---')).toHaveLength(2);
});
