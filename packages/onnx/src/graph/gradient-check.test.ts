import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { flatOperators, gradientRules } from './differentiate.js';
import { shapedOperators } from './infer-shape.js';
import type { GradientRule } from './rules/rule.js';

const folder = new URL('./rules/', import.meta.url);

test('every table of gradient rules is used and has its checks beside it', async () => {
  const operators: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.includes('test'))) {
    const exported = (await import(new URL(file, folder).href)) as Record<string, Record<string, GradientRule>>;
    const tables = Object.entries(exported).filter(([name]) => name.endsWith('Rules'));
    if (tables.length > 0) expect(existsSync(new URL(file.replace('.ts', '.test.ts'), folder)), file).toBe(true);
    operators.push(...tables.flatMap(([, table]) => Object.keys(table)));
  }
  expect(operators.length).toBeGreaterThan(50);
  expect(operators.sort()).toEqual(Object.keys(gradientRules).sort());
});

test('every operator with a gradient rule has a shape rule', () => {
  const missing = [...Object.keys(gradientRules), ...flatOperators].filter((operator) => !shapedOperators.includes(operator));
  expect(missing).toEqual([]);
});
