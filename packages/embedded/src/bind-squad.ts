import { parseWith, raceAbort, withoutUndefined, type Criterion, type Exchange } from '@align-squad/core';
import type { AlignResult, AlignStreamOptions, Squad, StreamEvent, TextSource } from '@align-squad/squad';
import { z } from 'zod';
import { criterionIds } from './criterion-ids.js';
import { sharedSquad } from './shared-squad.js';

type StreamKey = 'mode' | 'maxHoldCharacters' | 'maxHoldMs' | 'contextCharacters' | 'wholeOnly' | 'closing';

/**
 * Options that every adapter of a framework takes; those of the squad are as in `alignSquad`. `closing` is `'none'` by
 * default: a correction after the text was released would reach no client.
 */
export interface AdapterOptions extends Omit<AlignStreamOptions, 'criteria' | 'signal' | 'prompt' | 'context' | 'onUnfixed'> {
  /** Who aligns; it stays yours to dispose of. @default the squad of the embedded pack, loaded by the first call */
  readonly squad?: Squad | undefined;
  /**
   * What becomes of an answer that could not be shown to pass; in a stream, of a sentence. By default it is withheld:
   * `withheldMessage` stands for the whole answer, nothing for a sentence.
   */
  readonly onUnfixed?: AlignStreamOptions['onUnfixed'];
  /** What clients get when all of an answer was withheld. @default a fixed English sentence */
  readonly withheldMessage?: string | undefined;
  /** Hears of each answer, after it was aligned. The result holds the original text; `reportResult` gives it without. */
  readonly onResult?: ((result: AlignResult) => void) | undefined;
}

/** A squad with criteria and options, as adapters call it. */
export interface BoundSquad {
  /** Aligns one answer. */
  align(exchange: Exchange, options: BoundCallOptions): Promise<AlignResult>;
  /** Aligns an answer while it is written; where all of it is withheld, the message for that is the text. */
  alignStream(source: TextSource, options: BoundStreamOptions): AsyncGenerator<StreamEvent, void, undefined>;
}

/** Options of one call of a bound squad. */
export interface BoundCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What the streamed answer answers. */
export interface BoundStreamOptions extends BoundCallOptions {
  readonly prompt?: Exchange['prompt'];
  readonly context?: string | undefined;
}

interface OwnOptions {
  readonly squad?: unknown;
  readonly withheldMessage?: string | undefined;
  readonly onResult?: unknown;
}

const defaultMessage = 'This answer was withheld because it did not pass inspection.';

// the rest is checked by the squad, which also rejects unknown keys
const ownSchema: z.ZodType<OwnOptions> = z.looseObject({
  squad: z.custom((value) => typeof value === 'object' && value !== null && 'alignStream' in value, 'Expected a squad, as createSquad makes it.').optional(),
  withheldMessage: z.string().min(1).optional(),
  onResult: z.custom((value) => typeof value === 'function', 'Expected a function.').optional(),
});

/**
 * Fixes criteria and options of an adapter; nothing is loaded yet.
 * @throws AlignSquadError `invalid-options`. The calls reject with it too, with `unknown-criterion`, `invalid-exchange`,
 * `blocked` (policy `throw`), or the signal's reason.
 */
export function bindSquad(criteria: readonly (string | Criterion)[] | undefined, options: AdapterOptions = {}): BoundSquad {
  parseWith(ownSchema, options, { what: 'options', code: 'invalid-options' });
  const { squad: given, withheldMessage = defaultMessage, onResult, ...rest } = options;
  const { mode, maxHoldCharacters, maxHoldMs, contextCharacters, wholeOnly, closing = 'none', ...align } = rest;
  const stream = withoutUndefined({ mode, maxHoldCharacters, maxHoldMs, contextCharacters, wholeOnly, closing } satisfies Record<StreamKey, unknown>);
  const open = async (signal: AbortSignal | undefined): Promise<{ squad: Squad; criteria: readonly string[] | undefined }> => {
    const squad = given ?? (await raceAbort(sharedSquad.get(), signal));
    return { squad, criteria: criterionIds(criteria, squad.criteria) };
  };
  return {
    async align(exchange, { signal }) {
      const { squad, criteria: ids } = await open(signal);
      const result = await squad.align(exchange, { ...align, onUnfixed: align.onUnfixed ?? { block: withheldMessage }, criteria: ids, signal });
      onResult?.(result);
      return result;
    },
    async *alignStream(source, call) {
      const { squad, criteria: ids } = await open(call.signal);
      for await (const event of squad.alignStream(source, { ...align, ...stream, ...call, criteria: ids })) {
        if (event.type === 'end') {
          onResult?.(event.result);
          const isWithheld = event.released.trim() === '' && event.result.original.trim() !== '';
          if (isWithheld && align.onUnfixed === undefined) yield { type: 'text', text: withheldMessage };
        }
        yield event;
      }
    },
  };
}
