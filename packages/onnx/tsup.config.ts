import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/graph/index.ts', 'src/workers/session-worker.ts'],
  format: 'esm',
  target: 'node20',
  dts: true,
  clean: true,
});
