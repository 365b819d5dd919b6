import { AlignSquadError } from '@align-squad/core';
import type { GraphBuilder } from './builder.js';
import { dataType, type NodeProto } from './model.js';
import { elementwiseRules } from './rules/elementwise.js';
import { matrixRules } from './rules/matrix.js';
import { normalizationRules } from './rules/normalization.js';
import { reductionRules } from './rules/reduction.js';
import { shapeRules } from './rules/shape.js';
import type { GradientRule } from './rules/rule.js';

/** The rule of each operator that can be differentiated. */
export const gradientRules: Readonly<Record<string, GradientRule>> = {
  ...elementwiseRules,
  ...matrixRules,
  ...normalizationRules,
  ...reductionRules,
  ...shapeRules,
};

/**
 * Appends the backward pass of a scalar `loss` to the graph (reverse-mode automatic differentiation).
 * Returns the name of d loss / d value, of the value's shape, for each of `parameters` that the loss depends on; no name twice.
 * @throws AlignSquadError `unsupported-operator`, naming operator and node, for an operator without a rule;
 * `model-invalid` when the loss is not a scalar.
 */
export function differentiate(graph: GraphBuilder, loss: string, parameters: readonly string[]): Map<string, string> {
  if (graph.shape(loss).length > 0) throw new AlignSquadError(`The loss ${loss} is not a scalar.`, { code: 'model-invalid' });
  const forward = [...graph.nodes];
  const active = activeValues(graph, forward, parameters);
  const gradients = new Map<string, string[]>([[loss, [graph.float(1)]]]);
  const take = (name: string): string | undefined => {
    const parts = gradients.get(name);
    if (!parts || parts.length === 0) return undefined;
    const total = parts.reduce((sum, part) => graph.add(sum, part));
    gradients.set(name, [total]);
    return total;
  };
  for (const node of forward.reverse()) {
    if (!node.inputs.some((name) => active.has(name)) || !node.outputs.some((name) => gradients.has(name))) continue;
    const rule = gradientRules[node.operator];
    if (!rule) {
      throw new AlignSquadError(`No gradient rule for operator ${node.operator} (node ${node.name}).`, {
        code: 'unsupported-operator',
      });
    }
    const inputGradients = rule({
      graph,
      node,
      outputGradients: node.outputs.map(take),
      needs: (index) => active.has(node.inputs[index] ?? ''),
    });
    node.inputs.forEach((name, index) => {
      const gradient = inputGradients[index];
      if (gradient === undefined || !active.has(name)) return;
      gradients.set(name, [...(gradients.get(name) ?? []), gradient]);
    });
  }
  const found = new Map<string, string>();
  for (const name of parameters) {
    const gradient = take(name);
    if (gradient !== undefined) found.set(name, gradient);
  }
  return withOwnNames(graph, found);
}

/** Two parameters may share a gradient, and one may be a constant; as outputs of a graph each needs a node of its own. */
function withOwnNames(graph: GraphBuilder, gradients: ReadonlyMap<string, string>): Map<string, string> {
  const free = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  return new Map([...gradients].map(([name, gradient]) => [name, free.delete(gradient) ? gradient : graph.op('Identity', [gradient])]));
}

/** The float values that depend on a parameter. */
function activeValues(graph: GraphBuilder, forward: readonly NodeProto[], parameters: readonly string[]): Set<string> {
  const active = new Set(parameters);
  for (const node of forward) {
    if (!node.inputs.some((name) => active.has(name))) continue;
    for (const name of node.outputs) if (graph.info(name).type === dataType.float32) active.add(name);
  }
  return active;
}
