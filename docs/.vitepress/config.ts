import { defineConfig } from 'vitepress';
import { createSidebar } from './sidebar.js';
import { siteLinks } from './site-links.js';
import { noPages, sitePage } from './site-page.js';

export default defineConfig({
  title: 'align-squad',
  description: "Small models that check and mend an LLM's answers, inside your Node process.",
  lang: 'en',
  // The READMEs of the repository are pages too.
  srcDir: '..',
  srcExclude: [...noPages],
  rewrites: (page) => sitePage(page) ?? page,
  cleanUrls: true,
  metaChunk: true,
  markdown: { config: siteLinks },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/start' },
      { text: 'API', link: '/api/' },
      { text: 'Benchmarks', link: '/bench' },
    ],
    sidebar: [...createSidebar()],
    outline: [2, 3],
    search: { provider: 'local' },
  },
  // The index of the search is one chunk.
  vite: { build: { chunkSizeWarningLimit: 2000 }, server: { watch: { ignored: ['**/runs/**', '**/data/**', '**/dist/**'] } } },
});
