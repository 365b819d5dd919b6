import type { GradientReport } from '../../packages/onnx/src/graph/conformance/check-gradients.js';

/** What was found of one graph, or why it could not be checked. */
export type GraphReport = { readonly name: string } & (GradientReport | { readonly failure: string });

/** Largest relative error of a gradient that counts as the same. */
export const largestError = 1e-4;

/** All graphs were checked, and agree. */
export function isConformant(reports: readonly GraphReport[]): boolean {
  return reports.length > 0 && reports.every((report) => !('failure' in report) && report.gradientError <= largestError && report.unmatched.length === 0);
}

/** A table for people. */
export function formatConformance(reports: readonly GraphReport[]): string {
  if (reports.length === 0) return 'No fixtures: expected a folder with autograd/*.onnx or kv-cache/*/onnx/model.onnx.\n';
  const width = Math.max(...reports.map(({ name }) => name.length));
  const lines = reports.map((report) => {
    const name = report.name.padEnd(width);
    if ('failure' in report) return `${name}  FAILED ${report.failure}`;
    const { parameters, forwardError, gradientError, worst, unmatched, int8Error } = report;
    const missing = unmatched.length === 0 ? '' : `  UNMATCHED ${unmatched.join(', ')}`;
    const numbers = [forwardError.toExponential(1), gradientError.toExponential(1), int8Error.toFixed(3)].map((text) => text.padStart(8));
    return `${name}  ${String(parameters).padStart(10)} ${numbers.join('  ')}  ${worst}${missing}`;
  });
  const worst = Math.max(...reports.map((report) => ('failure' in report ? Infinity : report.gradientError)));
  const head = `${'graph'.padEnd(width)}  parameters  forward  gradient      int8  worst parameter`;
  return `${[head, ...lines, `worst relative error of a gradient: ${worst.toExponential(2)}`].join('\n')}\n`;
}
