import { AlignSquadError } from '@align-squad/core';
import type { Dimension } from '../model.js';
import { broadcastDims } from './shape-rule.js';

/** An equation of Einsum with its ellipses written out. */
export interface EinsumEquation {
  /** The letters of each input's axes. */
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
  /** Size by letter. */
  readonly sizes: ReadonlyMap<string, Dimension>;
}

const ellipsis = '...';
const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Reads an equation such as `bhqd,bhkd->bhqk` for inputs of the given shapes; without `->` the output has the letters that
 * occur once, in alphabetical order.
 * @throws AlignSquadError `model-invalid` when it does not fit the inputs.
 */
export function parseEinsum(equation: string, shapes: readonly (readonly Dimension[])[]): EinsumEquation {
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (terms.length !== shapes.length) throw misfit(equation);
  const rests = terms.map((term, index) => (term.includes(ellipsis) ? (shapes[index] ?? []).length - term.length + ellipsis.length : 0));
  const unused = [...alphabet].filter((letter) => !equation.includes(letter)).slice(0, Math.max(0, ...rests));
  // Broadcast axes are counted from the back, so inputs with fewer of them use the last letters.
  const expand = (term: string, rest: number): string[] => [...term.replace(ellipsis, unused.slice(unused.length - rest).join(''))];
  const inputs = terms.map((term, index) => expand(term, rests[index] ?? 0));
  const sizes = new Map<string, Dimension>();
  inputs.forEach((letters, index) => {
    const dims = shapes[index] ?? [];
    if (letters.length !== dims.length) throw misfit(equation);
    letters.forEach((letter, axis) => {
      const [size = 1] = broadcastDims([sizes.get(letter) ?? 1], [dims[axis] ?? 1]);
      sizes.set(letter, size);
    });
  });
  return { inputs, sizes, output: right === undefined ? implicitOutput(terms, unused) : expand(right, unused.length) };
}

function implicitOutput(terms: readonly string[], broadcast: readonly string[]): string[] {
  const letters = [...terms.join('').replaceAll('.', '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return [...broadcast, ...once];
}

function misfit(equation: string): AlignSquadError {
  return new AlignSquadError(`The equation ${equation} of Einsum does not fit the shapes of its inputs.`, { code: 'model-invalid' });
}
