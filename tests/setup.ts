import { afterEach, beforeEach, expect, vi } from 'vitest';

const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;

beforeEach(() => {
  for (const method of methods) vi.spyOn(console, method);
});

afterEach(() => {
  const used = methods.filter((method) => vi.mocked(console[method]).mock.calls.length > 0);
  vi.restoreAllMocks();
  expect(used, 'console methods that the test used').toEqual([]);
});
