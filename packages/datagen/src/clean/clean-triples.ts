import { setImmediate } from 'node:timers/promises';
import { parseWith, type Criterion } from '@align-squad/core';
import { z } from 'zod';
import type { Triple } from '../records/records.js';
import type { TripleFilter } from './filters/filter.js';
import { findFilter } from './filters/registry.js';

/** A filter by name, or by name with parameters; a `shadow` filter counts what it would drop and drops nothing. */
export type FilterSelection = string | { readonly name: string; readonly shadow?: boolean | undefined; readonly [param: string]: unknown };

/** Options of `cleanTriples`. */
export interface CleanOptions {
  /** Applied in this order; a record goes to a filter when those before it let it pass. */
  readonly filters: readonly FilterSelection[];
  /** What `leaked-prompt` and `generic-critique` know the prompt's principles and demonstrations by. */
  readonly criterion?: Criterion | undefined;
  /** Keeps up to three dropped records a filter in `samples`, for the run folder only. @default false */
  readonly keepSamples?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one filter did. */
export interface FilterReport {
  readonly name: string;
  readonly description: string;
  /** Records that it let pass. */
  readonly kept: number;
  /** Records that it dropped or, as a shadow, would have dropped. */
  readonly dropped: number;
  readonly shadow: boolean;
  /** Up to three of the dropped records, without their texts. */
  readonly examples: readonly { readonly id: string; readonly reason: string }[];
  /** The same records with their texts, with `keepSamples` only; they belong in the run folder and nowhere else. */
  readonly samples?: readonly Triple[];
}

/** A cleaning under way. */
export interface CleanedTriples {
  /** The records that stay, in their order. */
  readonly records: AsyncGenerator<Triple>;
  /** What each filter did so far, in their order; complete when `records` has ended. */
  readonly report: readonly FilterReport[];
}

const mostExamples = 3;
const recordsATurn = 1000;

const selectionSchema: z.ZodType<Exclude<FilterSelection, string>> = z.looseObject({ name: z.string().min(1), shadow: z.boolean().optional() });
const filtersSchema: z.ZodType<readonly FilterSelection[]> = z.array(z.union([z.string().min(1), selectionSchema]));

/**
 * Passes records through filters. Memory stays flat, but for the filters of duplicates, which keep hashes or signatures of the
 * records that stay. A duplicate is one of a record that stays, so a record that another filter drops hides no good one.
 * @throws AlignSquadError `invalid-options` for an unknown filter, listing the known ones, or for parameters that it does not know;
 * `records` throws the signal's reason.
 */
export function cleanTriples(records: AsyncIterable<Triple> | Iterable<Triple>, options: CleanOptions): CleanedTriples {
  const { filters, criterion, keepSamples = false, signal } = options;
  const selections = parseWith(filtersSchema, filters, { what: '`filters` to be names, or objects with a `name`', code: 'invalid-options' });
  const steps = selections.map((selection) => createStep(selection, { criterion, keepSamples }));
  return {
    records: clean(records, steps, signal),
    get report() {
      return steps.map((step) => step.report());
    },
  };
}

interface Step {
  readonly isShadow: boolean;
  readonly filter: TripleFilter;
  /** Counts the record; true when the filter lets it pass. */
  passes(record: Triple): boolean;
  report(): FilterReport;
}

function createStep(selection: FilterSelection, { criterion, keepSamples }: Pick<CleanOptions, 'criterion' | 'keepSamples'>): Step {
  const { name: given, shadow = false, ...params } = typeof selection === 'string' ? { name: selection } : selection;
  const { name, description, create } = findFilter(given);
  const filter = create(params, { criterion });
  const examples: { id: string; reason: string }[] = [];
  const samples: Triple[] = [];
  let kept = 0;
  let dropped = 0;
  return {
    isShadow: shadow,
    filter,
    passes(record) {
      const reason = filter.reject(record);
      if (reason === undefined) {
        kept += 1;
        return true;
      }
      dropped += 1;
      if (examples.length < mostExamples) {
        examples.push({ id: record.id, reason });
        if (keepSamples) samples.push(record);
      }
      return false;
    },
    report: () => ({ name, description, kept, dropped, shadow, examples: [...examples], ...(keepSamples ? { samples: [...samples] } : {}) }),
  };
}

async function* clean(records: AsyncIterable<Triple> | Iterable<Triple>, steps: readonly Step[], signal: AbortSignal | undefined): AsyncGenerator<Triple> {
  signal?.throwIfAborted();
  let count = 0;
  for await (const record of records) {
    // A source in memory never waits, so without this no timer and no signal would come through.
    if (++count % recordsATurn === 0) await setImmediate();
    signal?.throwIfAborted();
    const passed = passedSteps(record, steps);
    if (!passed) continue;
    for (const { filter } of passed) filter.remember?.(record);
    yield record;
  }
}

/** The filters that let the record pass; undefined when one that is no shadow drops it. */
function passedSteps(record: Triple, steps: readonly Step[]): readonly Step[] | undefined {
  const passed: Step[] = [];
  for (const step of steps) {
    if (step.passes(record)) passed.push(step);
    else if (!step.isShadow) return undefined;
  }
  return passed;
}
