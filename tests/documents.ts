import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listPackages, root } from './walk.js';

/** The Markdown files whose code is checked: READMEs, and the guide and tutorials of the site, relative to the repository. */
export function listDocuments(): readonly string[] {
  const readmes = ['README.md', ...listPackages().map(({ room }) => `packages/${room}/README.md`)];
  return [...readmes.filter((path) => existsSync(join(root, path))), 'docs/index.md', ...pagesOf('docs/guide'), ...pagesOf('docs/tutorials')];
}

/** The Markdown files below a folder of the repository, sorted. */
export function pagesOf(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}
