import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultTheme } from 'vitepress';
import { entryPoints, listPackages, root } from '../../tests/walk.js';

type Group = DefaultTheme.SidebarItem & { readonly items: DefaultTheme.SidebarItem[] };

const guide = [
  ['start', 'Start'],
  ['criteria', 'Criteria'],
  ['streams', 'Streams'],
  ['policies', 'Policies'],
  ['training', 'Training'],
  ['data-generation', 'Data generation'],
  ['evaluation', 'Evaluation'],
  ['production', 'Production'],
  ['adapters', 'Adapters'],
] as const;

/** What the site names at its side: guide, tutorial, packages, decision records and the API reference. */
export function createSidebar(): readonly Group[] {
  const packages = listPackages();
  const records = readdirSync(join(root, 'docs', 'decisions')).filter((name) => name.endsWith('.md')).sort();
  return [
    { text: 'Guide', items: guide.map(([page, text]) => ({ text, link: `/guide/${page}` })) },
    { text: 'Tutorial', items: [{ text: 'A new criterion in ten minutes', link: '/tutorials/a-new-criterion' }] },
    {
      text: 'Packages',
      collapsed: true,
      items: packages
        .filter(({ folder }) => existsSync(join(folder, 'README.md')))
        .map(({ room, manifest }) => ({ text: manifest.name, link: `/packages/${room}` })),
    },
    {
      text: 'API',
      collapsed: true,
      items: packages.flatMap(entryPoints).map(({ specifier }) => ({ text: specifier, link: `/api/${specifier}` })),
    },
    {
      text: 'The project',
      items: [
        { text: 'Overview and quality', link: '/overview' },
        { text: 'Model card', link: '/packages/pack-en/MODEL_CARD' },
        { text: 'Data card', link: '/packages/pack-en/DATA_CARD' },
        { text: 'Benchmarks', link: '/bench' },
        { text: 'Contributing', link: '/contributing' },
      ],
    },
    {
      text: 'Decision records',
      collapsed: true,
      items: records.map((name) => ({ text: titleOf(join('docs', 'decisions', name)), link: `/decisions/${name.replace(/\.md$/, '')}` })),
    },
  ];
}

function titleOf(path: string): string {
  return /^# (.+)$/m.exec(readFileSync(join(root, path), 'utf8'))?.[1] ?? path;
}
