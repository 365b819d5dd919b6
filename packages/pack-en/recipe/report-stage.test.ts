import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { identifyPack } from '../../../tools/evaluate/pack-identity.js';
import { paths } from './paths.js';
import { readBlindReading, readMeasurement, renderFiles, reportFiles } from './report-stage.js';

// When one of these fails: `npm run report` measures the pack, `npm run recipe -- --from cards` only writes the cards again.
test('report.json, both cards and the page are of the pack that lies beside them', async () => {
  const { sha256 } = await identifyPack(paths.pack);
  expect((await readMeasurement()).pack.sha256).toBe(sha256);
  expect(await readFile(reportFiles.modelCard, 'utf8')).toContain(sha256);
  expect(await readFile(reportFiles.dataCard, 'utf8')).toContain(sha256);
  expect(await readFile(reportFiles.page, 'utf8')).toContain(sha256.slice(0, 16));
});

test('the cards and the page are what the recipe makes of report.json', async () => {
  const rendered = renderFiles(await readMeasurement(), await readBlindReading());
  expect(rendered).toHaveLength(3);
  for (const [path, content] of rendered) expect(await readFile(path, 'utf8')).toBe(content);
});

test('the page asks nothing of the network', async () => {
  const page = await readFile(reportFiles.page, 'utf8');
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|<link|<img|(?:src|href)="(?!#)|url\(|@import/);
});
