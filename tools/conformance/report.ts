import type { GradientReport } from '../../packages/onnx/src/graph/conformance/check-gradients.js';

/** What was found of one graph, or why it could not be checked. */
export type GraphReport = { readonly name: string } & (GradientReport | { readonly failure: string });

/** Largest error, of an output or relative of a gradient, that counts as the same. */
export const largestError = 1e-4;

/** All graphs were checked, and agree; errors that are no numbers do not. */
export function isConformant(reports: readonly GraphReport[]): boolean {
  return reports.length > 0 && reports.every(agrees);
}

function agrees(report: GraphReport): boolean {
  if ('failure' in report) return false;
  const { forwardError, gradientError, unmatched, int8Error } = report;
  return forwardError <= largestError && gradientError <= largestError && unmatched.length === 0 && Number.isFinite(int8Error);
}

/** A table for people. */
export function formatConformance(reports: readonly GraphReport[]): string {
  const width = Math.max(...reports.map(({ name }) => name.length));
  const lines = reports.map((report) => {
    const name = report.name.padEnd(width);
    if ('failure' in report) return `${name}  FAILED ${report.failure}`;
    const { parameters, forwardError, gradientError, worst, unmatched, int8Error } = report;
    const missing = unmatched.length === 0 ? '' : `  UNMATCHED ${unmatched.join(', ')}`;
    const over = agrees(report) || missing !== '' ? '' : '  OVER THE BOUND';
    const numbers = [forwardError.toExponential(1), gradientError.toExponential(1), int8Error.toFixed(3)].map((text) => text.padStart(8));
    return `${name}  ${String(parameters).padStart(10)} ${numbers.join('  ')}  ${worst}${missing}${over}`;
  });
  const head = `${'graph'.padEnd(width)}  parameters  forward  gradient      int8  worst parameter`;
  const count = reports.filter(agrees).length;
  return `${[head, ...lines, `${count} of ${reports.length} graphs within ${largestError.toExponential(0)}`].join('\n')}\n`;
}
