import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/** What the reporter counts in one test file. */
export interface ModuleOutcome {
  readonly passed: number;
  readonly failed: number;
  /** The file itself failed, as when an import throws or it holds no test. */
  readonly isBroken: boolean;
}

/** The closing line of a run; a broken file or an unhandled error counts as one failure, and so does a run of nothing. */
export function closingLine(modules: readonly ModuleOutcome[], unhandledErrors: number): string {
  const passed = modules.reduce((sum, module) => sum + module.passed, 0);
  const failedTests = modules.reduce((sum, module) => sum + module.failed + (module.isBroken ? 1 : 0), 0);
  const failed = failedTests + unhandledErrors + (modules.length === 0 ? 1 : 0);
  return `${passed} passed, ${failed} failed`;
}

/** Vitest reporter that ends a run with `N passed, N failed` alone on a line, for programs that read the output. */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const outcomes = modules.map(outcomeOf);
    const interrupted = reason === 'interrupted' ? 1 : 0;
    process.stdout.write(`\n${closingLine(outcomes, unhandledErrors.length + interrupted)}\n`);
  }
}

function outcomeOf(module: TestModule): ModuleOutcome {
  const states = [...module.children.allTests()].map((test) => test.result().state);
  // A test that never ran would otherwise vanish from the line.
  const failed = states.filter((state) => state === 'failed' || state === 'pending').length;
  return {
    passed: states.filter((state) => state === 'passed').length,
    failed,
    isBroken: failed === 0 && !module.ok(),
  };
}
