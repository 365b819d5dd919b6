import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsup';
import { bundleSlimZod } from '../../tools/slim-zod.js';

export default defineConfig({
  entry: ['src/index.ts', 'src/testing/index.ts', 'src/zod.ts'],
  format: 'esm',
  target: 'node20',
  dts: true,
  clean: true,
  ...bundleSlimZod(fileURLToPath(new URL('src/zod.ts', import.meta.url))),
});
