import { parseWith, type Criterion } from '@align-squad/core';
import type { z } from 'zod';
import type { Triple } from '../../records/records.js';

/** A cleaning filter at work; those that compare records with earlier ones hold state. */
export interface TripleFilter {
  /** Why the record is to go, as a fixed phrase without any of its text; undefined when it may stay. */
  reject(record: Triple): string | undefined;
  /** Told of the record of the last `reject` when neither this filter nor another one drops it. */
  remember?(record: Triple): void;
}

/** What all filters of a cleaning are told. */
export interface FilterContext {
  readonly criterion?: Criterion | undefined;
}

/** A filter by its name, to be made with parameters. */
export interface FilterDefinition {
  readonly name: string;
  /** One sentence that says what the filter drops. */
  readonly description: string;
  /** @throws AlignSquadError `invalid-options` for parameters that the filter does not know. */
  create(params: unknown, context: FilterContext): TripleFilter;
}

/** A filter with the schema of its parameters, which fills their defaults in. */
export interface FilterSource<Params> {
  readonly name: string;
  readonly description: string;
  readonly params: z.ZodType<Params>;
  create(params: Params, context: FilterContext): TripleFilter;
}

/** Makes a definition that checks parameters at the door. */
export function defineFilter<Params>({ name, description, params, create }: FilterSource<Params>): FilterDefinition {
  return {
    name,
    description,
    create: (value, context) => create(parseWith(params, value, { what: `parameters of the filter ${name}`, code: 'invalid-options' }), context),
  };
}

/** The texts of a record that a model wrote, without the critique. */
export function generatedTexts({ prompt, misaligned, aligned }: Triple): readonly string[] {
  return [prompt, misaligned, aligned];
}
