import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './tests/closing-line-reporter.js';

const conditions = ['@align-squad/source', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/recipe/**/*.test.ts', 'tests/**/*.test.ts', 'tools/**/*.test.ts'],
    reporters: ['default', new ClosingLineReporter()],
    setupFiles: ['./tests/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
