import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createSidebar } from '../docs/.vitepress/sidebar.js';
import { sitePage } from '../docs/.vitepress/site-page.js';
import { listDocuments, pagesOf } from './documents.js';
import { root } from './walk.js';

const links = createSidebar().flatMap(({ items }) => items.map(({ link }) => link));
const addressOf = (path: string): string => `/${sitePage(path)?.replace(/\.md$/, '')}`;

test.each(['docs/guide', 'docs/tutorials', 'docs/decisions'])('the sidebar names every page of %s', (folder) => {
  const pages = pagesOf(folder);
  expect(pages.length).toBeGreaterThan(0);
  expect(pages.filter((path) => !links.includes(addressOf(path)))).toEqual([]);
});

test('what the sidebar names is there, the generated reference aside', () => {
  const others = ['packages/pack-en/pack/MODEL_CARD.md', 'packages/pack-en/pack/DATA_CARD.md', 'bench/README.md', 'CONTRIBUTING.md'];
  const pages = [...listDocuments(), ...pagesOf('docs/decisions'), ...others.filter((path) => existsSync(join(root, path)))].map(addressOf);
  expect(links.filter((link) => link?.startsWith('/api/') !== true && !pages.includes(link ?? ''))).toEqual([]);
});

test.each([
  ['docs/guide/start.md', 'guide/start.md'],
  ['packages/core/README.md', 'packages/core.md'],
  ['packages/pack-en/pack/MODEL_CARD.md', 'packages/pack-en/MODEL_CARD.md'],
  ['README.md', 'overview.md'],
  ['packages/core/CHANGELOG.md', undefined],
])('%s is the page %s', (path, page) => {
  expect(sitePage(path)).toBe(page);
});

test('links between the documents lead to files, the generated reference aside', () => {
  const missing = [...listDocuments(), ...pagesOf('docs/decisions')].flatMap((path) => {
    const targets = [...readFileSync(join(root, path), 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    return targets.filter((target) => !/^(\.\.\/)+api\//.test(target) && !existsSync(join(root, dirname(path), target))).map((target) => `${path} ${target}`);
  });
  expect(missing).toEqual([]);
});
