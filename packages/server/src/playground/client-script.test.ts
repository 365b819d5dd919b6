import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsup';
import { expect, test } from 'vitest';

const header = '/** The script of the page: `client/main.ts` in one piece. Not written by hand: `npx vitest run packages/server/src/playground/client-script.test.ts -u` writes it. */\n';

test('the script of the page is what the files of the client give', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'playground-'));
  try {
    const entry = { main: join(import.meta.dirname, 'client/main.ts') };
    await build({ entry, outDir, config: false, format: 'esm', platform: 'browser', target: 'es2022', minify: true, silent: true });
    const script = (await readFile(join(outDir, 'main.js'), 'utf8')).trim();
    // either would end it, or begin a comment, in the middle of the page
    expect(script).not.toMatch(/<\/script|<!--/i);
    await expect(`${header}export const clientScript: string = ${JSON.stringify(script)};\n`).toMatchFileSnapshot('client-script.ts');
  } finally {
    await rm(outDir, { recursive: true });
  }
});
