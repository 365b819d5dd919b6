import { readFileSync } from 'node:fs';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// The style budget (tools/style-budget.ts) reads the same limits.
const limits = JSON.parse(readFileSync(new URL('./tools/style-limits.json', import.meta.url), 'utf8'));

const tests = ['**/*.test.ts', '**/test-support.ts'];
const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };
const noEnum = { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' };
const noBareError = {
  selector: ':matches(NewExpression, CallExpression)[callee.name=/^(Error|TypeError|RangeError|SyntaxError)$/]',
  message: 'Use AlignSquadError of @align-squad/core, with a code.',
};
const noExportAll = { selector: 'ExportAllDeclaration', message: 'List the exported names.' };

export default defineConfig(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/.turbo/**', 'coverage/**', 'runs/**', '.scratch/**', 'docs/.vitepress/cache/**', 'docs/api/**'] },
  {
    files: ['**/*.{js,mjs,ts}'],
    extends: [tseslint.configs.base],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: limits.maxFileLines, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: limits.maxFunctionLines, skipBlankLines: false, skipComments: false }],
      'no-restricted-syntax': ['error', noDefaultExport, noEnum],
      eqeqeq: ['error', 'always'],
      'prefer-const': 'error',
      'no-var': 'error',
      'no-empty': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport, noEnum, noBareError, noExportAll],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/align-squad/src/cli/**'],
    rules: { 'no-console': 'error' },
  },
  { files: tests, rules: { 'max-lines-per-function': 'off' } },
  { files: limits.dataTables.map((folder) => `${folder}**`), rules: { 'max-lines': 'off' } },
  { files: ['**/*.config.{js,ts}', 'docs/.vitepress/config.ts'], rules: { 'no-restricted-syntax': ['error', noEnum] } },
);
