import { beforeAll, expect, test } from 'vitest';
import { parseEvaluationRows, type EvaluationRow } from '../data/evaluation-rows.js';
import { evaluateInspector } from '../evaluate/evaluate-inspector.js';
import { evaluateSquad } from '../evaluate/evaluate-squad.js';
import { collectEvaluation, createTestSquad, inspector, rows } from '../evaluate/test-support.js';
import type { EvaluationReport } from './evaluation-report.js';
import { formatReport } from './format-report.js';
import { escapeHtml, html } from './html.js';
import { renderReport } from './render-report.js';

const nasty = '</dd><script>alert(1)</script><img src=x onerror="a()"> & \'quotes\' \u0000';

async function reportOf(some: readonly EvaluationRow[]): Promise<EvaluationReport> {
  return {
    schemaVersion: 1,
    pack: { name: '<b>pack</b>', version: '1.0.0', sha256: 'ab'.repeat(32) },
    data: { files: ['<i>dev</i>.jsonl'], sha256: 'cd'.repeat(32), rows: some.length },
    inspector: (await collectEvaluation(evaluateInspector(inspector, some))).evaluation,
    squad: (await collectEvaluation(evaluateSquad(createTestSquad(), some, { samples: 10 }))).evaluation,
  };
}

let page = '';
beforeAll(async () => {
  const line = { id: nasty, criterion: 'kind', prompt: nasty, context: nasty, misaligned: `RUDE ${nasty}`, aligned: `Nice ${nasty}`, source: nasty };
  page = renderReport(await reportOf([...rows, ...parseEvaluationRows(JSON.stringify(line))]));
});

test('texts, names and sources are text in the page, whatever they hold', () => {
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toMatch(/<script|<img|<b>|<i>|\u0000/);
  expect(page).toContain('source: &lt;/dd&gt;');
  expect(page).toContain('&lt;b&gt;pack&lt;/b&gt;');
});

test('every element that is opened is closed, in order', () => {
  const open: string[] = [];
  const unclosed = new Set(['meta', '!doctype']);
  for (const [, slash, name = '', own] of page.matchAll(/<(\/?)([a-z!][a-z0-9]*)[^>]*?(\/?)>/g)) {
    if (unclosed.has(name) || own === '/') continue;
    if (slash === '') open.push(name);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
  expect(page.match(/<\/svg>/g)?.length).toBe(8);
});

test('makes no request and runs no script', () => {
  const tags = page.match(/<[^>]+>/g)?.join('\n') ?? '';
  expect(tags).not.toMatch(/\s(src|on\w+)=|<link|javascript:|https?:/);
  expect(/<style>([^<]*)<\/style>/.exec(page)?.[1]).not.toMatch(/url\(|@import/);
  expect(page).toContain("default-src 'none'");
});

test('every link leads to a part of the page', () => {
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(targets).toContain('criterion-1');
  expect(targets.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
});

test('plots have a name, tables can be scrolled by keyboard, and both follow the reader\'s colours', () => {
  expect(page.match(/<svg /g)?.length).toBe(page.match(/role="img" aria-label="[^"]+"/g)?.length);
  expect(page.match(/<table>/g)?.length).toBe(page.match(/role="region" aria-label="[^"]+" tabindex="0"/g)?.length);
  expect(page).toContain('prefers-color-scheme:dark');
  expect(page).toContain('width=device-width');
});

test('a plot has no coordinate that is not a number', () => {
  expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
});

test('shows the difference of a rewrite', () => {
  expect(page).toContain('<del>RUDE</del><ins>Kind</ins>');
});

test('a report of an inspector alone has no part for a squad', async () => {
  const { squad: _squad, pack: _pack, ...rest } = await reportOf(rows);
  const alone = renderReport(rest);
  expect(alone).not.toContain('href="#squad"');
  expect(alone).toContain(`Evaluation of ${inspector.version}`);
});

test('a criterion whose rows are all of one label has numbers where there are some', async () => {
  const one = renderReport(await reportOf(rows.filter(({ labels }) => Object.values(labels).every((label) => !label))));
  expect(one).toContain('–');
  expect(one).not.toMatch(/NaN|null/);
});

test('as text it has the main numbers and no text of the data', async () => {
  const text = formatReport(await reportOf(rows));
  expect(text).toMatch(/^kind +6 +2 +0\.875 /m);
  expect(text).toMatch(/^all +3 +66\.7 % /m);
  expect(text).not.toContain('RUDE');
});

test('html escapes what is not HTML', () => {
  expect(html`<p title="${'"'}">${['a', html`<b>${'<'}</b>`, 2]}</p>`.html).toBe('<p title="&quot;">a<b>&lt;</b>2</p>');
  expect(escapeHtml('a\u0007\u009bb\nc\td')).toBe('a\ufffd\ufffdb\nc\td');
});
