const pages: readonly (readonly [pattern: RegExp, page: string])[] = [
  [/^docs\/(.+\.md)$/, '$1'],
  [/^packages\/([^/]+)\/README\.md$/, 'packages/$1.md'],
  [/^packages\/([^/]+)\/pack\/([A-Z_]+\.md)$/, 'packages/$1/$2'],
  [/^bench\/README\.md$/, 'bench.md'],
  [/^README\.md$/, 'overview.md'],
  [/^CONTRIBUTING\.md$/, 'contributing.md'],
];

/** The Markdown files that are no page of the site, as globs relative to the repository. */
export const noPages: readonly string[] = ['!(docs|packages|bench)/**/*', 'packages/*/!(pack)/**/*', 'packages/*/!(README).md', 'bench/*/**/*', '!(README|CONTRIBUTING).md'];

/** The page of the site that a Markdown file of the repository is: `packages/core/README.md` is `packages/core.md`. */
export function sitePage(path: string): string | undefined {
  const [pattern, page] = pages.find(([pattern]) => pattern.test(path)) ?? [];
  return pattern === undefined || page === undefined ? undefined : path.replace(pattern, page);
}
