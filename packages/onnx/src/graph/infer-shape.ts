import { AlignSquadError } from '@align-squad/core';
import { elementwiseShapes } from './shapes/elementwise-shapes.js';
import { indexShapes } from './shapes/index-shapes.js';
import { knownNumbers } from './shapes/known-numbers.js';
import { layoutShapes } from './shapes/layout-shapes.js';
import { matrixShapes } from './shapes/matrix-shapes.js';
import { outputType } from './shapes/output-types.js';
import { describeNode, type ShapeRequest, type ShapeRule, type ValueInfo } from './shapes/shape-rule.js';

export type { ShapeRequest, ValueInfo } from './shapes/shape-rule.js';

const rules: Readonly<Record<string, ShapeRule>> = {
  ...elementwiseShapes,
  ...matrixShapes,
  ...layoutShapes,
  ...indexShapes,
};

/** Names of the operators whose shapes are known. */
export const shapedOperators: readonly string[] = Object.keys(rules);

/**
 * Shape and type of each output of a node, and the numbers of small ones that follow from constants and shapes.
 * @throws AlignSquadError `unsupported-operator` for an operator without a rule, or whose shape depends on values that are
 * computed while the graph runs; `model-invalid` for a node that lacks an input.
 */
export function inferOutputs(request: ShapeRequest): readonly ValueInfo[] {
  const rule = Object.hasOwn(rules, request.operator) ? rules[request.operator] : undefined;
  if (!rule) {
    throw new AlignSquadError(`No shape rule for operator ${describeNode(request)}.`, { code: 'unsupported-operator' });
  }
  const shapes = rule(request);
  return Array.from({ length: request.outputs }, (_, index): ValueInfo => {
    const dims = shapes[index] ?? shapes.at(-1) ?? [];
    const constant = index === 0 ? knownNumbers(request, dims) : undefined;
    return { dims, type: outputType(request, index), ...(constant && { constant }) };
  });
}
