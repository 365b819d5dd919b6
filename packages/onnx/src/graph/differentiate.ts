import { AlignSquadError } from '@align-squad/core';
import type { GraphBuilder } from './builder.js';
import { dataType, type NodeProto } from './model.js';
import { activationRules } from './rules/activation.js';
import { elementwiseRules } from './rules/elementwise.js';
import { indexingRules } from './rules/indexing.js';
import { layoutRules } from './rules/layout.js';
import { matrixRules } from './rules/matrix.js';
import { normalizationRules } from './rules/normalization.js';
import { reductionRules } from './rules/reduction.js';
import { rotaryRules } from './rules/rotary.js';
import { noRule, type GradientRule } from './rules/rule.js';
import { unaryRules } from './rules/unary.js';

/** The rule of each operator that can be differentiated. */
export const gradientRules: Readonly<Record<string, GradientRule>> = {
  ...unaryRules,
  ...activationRules,
  ...elementwiseRules,
  ...matrixRules,
  ...normalizationRules,
  ...reductionRules,
  ...layoutRules,
  ...indexingRules,
  ...rotaryRules,
};

/** Operators whose output does not change with a small change of their input, so that nothing flows through them. */
export const flatOperators: ReadonlySet<string> = new Set(['Sign', 'Round', 'Floor', 'Ceil']);

const floatTypes: ReadonlySet<number> = new Set([dataType.float32, dataType.float64, dataType.float16, dataType.bfloat16]);

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
    const parts = gradients.get(name) ?? [];
    const [first = '', second = ''] = parts;
    if (parts.length < 2) return parts[0];
    const total = parts.length === 2 ? graph.add(first, second) : graph.op('Sum', parts);
    gradients.set(name, [total]);
    return total;
  };
  for (const node of forward.reverse()) {
    if (!node.outputs.some((name) => active.has(name) && gradients.has(name))) continue;
    const needs = (index: number): boolean => active.has(node.inputs[index] ?? '');
    const inputGradients = ruleOf(graph, node)({ graph, node, outputGradients: node.outputs.map(take), needs });
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

function ruleOf(graph: GraphBuilder, node: NodeProto): GradientRule {
  const rule = Object.hasOwn(gradientRules, node.operator) ? gradientRules[node.operator] : undefined;
  if (!rule) throw noRule({ graph, node });
  const types = node.outputs.filter((name) => name !== '').map((name) => graph.info(name).type);
  if (!node.operator.startsWith('Cast') && types.some((type) => type !== dataType.float32 && floatTypes.has(type))) {
    throw noRule({ graph, node }, 'in a float type other than float32');
  }
  return rule;
}

/** The float values that depend on a parameter. */
function activeValues(graph: GraphBuilder, forward: readonly NodeProto[], parameters: readonly string[]): Set<string> {
  const active = new Set(parameters);
  for (const node of forward) {
    if (flatOperators.has(node.operator) || !node.inputs.some((name) => active.has(name))) continue;
    for (const name of node.outputs) if (name !== '' && floatTypes.has(graph.info(name).type)) active.add(name);
  }
  return active;
}
