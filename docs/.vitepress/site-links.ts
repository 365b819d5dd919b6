import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { root } from '../../tests/walk.js';
import { sitePage } from './site-page.js';

/** Points links between Markdown files of the repository to the pages that these are on the site. */
export function siteLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('site-links', ({ tokens, env }) => {
    // VitePress puts the path of the file here.
    const { realPath } = env as { readonly realPath?: string };
    if (realPath === undefined) return;
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href !== null) token.attrSet('href', siteAddress(href, realPath));
    }
  });
}

function siteAddress(href: string, from: string): string {
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(href) ?? [];
  if (path === '' || /^([a-z]+:|\/)/i.test(path)) return href;
  const page = sitePage(relative(root, pageOf(resolve(dirname(from), decodeURI(path)))).replaceAll('\\', '/'));
  return page === undefined ? href : `/${page}${rest}`;
}

// A link to a folder, which the repository shows as a list, leads to the first page in it.
function pageOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return path;
  return join(path, readdirSync(path).sort().find((name) => name.endsWith('.md')) ?? '');
}
