import { defineConfig } from 'tsup';
import { slimZod } from '../../tools/slim-zod.js';

export default defineConfig({
  entry: ['src/index.ts', 'src/main.ts'],
  format: 'esm',
  target: 'node20',
  dts: true,
  clean: true,
  ...slimZod,
});
