import type { Attribute } from './model.js';

/** Anything with the attributes of a node. */
export interface Attributed {
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An integer attribute. */
export function intAttribute({ attributes }: Attributed, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute?.kind === 'int' ? attribute.value : otherwise;
}

/** A float attribute. */
export function floatAttribute({ attributes }: Attributed, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute?.kind === 'float' ? attribute.value : otherwise;
}

/** A string attribute. */
export function stringAttribute({ attributes }: Attributed, name: string, otherwise: string): string {
  const attribute = attributes[name];
  return attribute?.kind === 'string' ? attribute.value : otherwise;
}

/** A list of integers; undefined where it is left out. */
export function intsAttribute({ attributes }: Attributed, name: string): readonly number[] | undefined {
  const attribute = attributes[name];
  return attribute?.kind === 'ints' ? attribute.value : undefined;
}
