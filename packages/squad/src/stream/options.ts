import { AlignSquadError, parseExchange, parseWith, withoutUndefined, type Exchange, type Inspector } from '@align-squad/core';
import { z } from 'zod';
import type { Squad } from '../create-squad.js';
import type { AlignOptions, SquadOptions, UnfixedPolicy } from '../options.js';
import { resolveAlignOptions, resolveSquadOptions } from '../resolve-options.js';

/** Options of `alignStream`. */
export interface AlignStreamOptions extends AlignOptions {
  readonly prompt?: Exchange['prompt'];
  /** Text that the response must be grounded in. */
  readonly context?: string | undefined;
  /** `sentence`: each is released as soon as it passes. `whole`: nothing before the whole answer passes. @default 'sentence', or 'whole' where no criterion can be judged before the end */
  readonly mode?: 'sentence' | 'whole' | undefined;
  /** Most UTF-16 units of one window, from 2, and of what is read ahead of the inspection; in mode `whole` there is no limit. @default 2000 */
  readonly maxHoldCharacters?: number | undefined;
  /**
   * Milliseconds that a source may pause within a sentence before what is held, up to its last white space, becomes a
   * window. Only then do windows depend on time. @default 5000
   */
  readonly maxHoldMs?: number | undefined;
  /** Most UTF-16 units of text that passed before, whole windows of it, that a window is inspected with. @default 500 */
  readonly contextCharacters?: number | undefined;
  /** Ids of criteria that only the whole answer is judged by, such as completeness. @default those whose inspectors say so */
  readonly wholeOnly?: readonly string[] | undefined;
  /**
   * When all windows pass and the whole answer does not: `event` gives its rewrite as a correction, `append` also as
   * text after a blank line, `none` asks for no rewrite. @default 'event'
   */
  readonly closing?: 'event' | 'append' | 'none' | undefined;
  /**
   * What happens to a window that could not be shown to pass; the stream goes on after it, unless it is `throw`.
   * `keep` releases it all the same. @default what the squad's options say, else { block: '' }
   */
  readonly onUnfixed?: UnfixedPolicy | undefined;
}

/** Makes the squad that aligns one window. */
export type MakeSquad = (options: SquadOptions) => Pick<Squad, 'align'>;

/** Checked options of one stream. */
export interface StreamSetup {
  readonly makeSquad: MakeSquad;
  readonly squadOptions: SquadOptions;
  /** What each call of `align` is given, beside its criteria and time. */
  readonly align: AlignOptions;
  readonly exchange: Omit<Exchange, 'response'>;
  readonly mode: 'sentence' | 'whole';
  readonly maxHoldCharacters: number;
  readonly maxHoldMs: number;
  readonly contextCharacters: number;
  readonly closing: 'event' | 'append' | 'none';
  readonly criteria: readonly string[];
  /** `criteria` without those of the whole answer. */
  readonly windowCriteria: readonly string[];
  readonly deadlineMs: number | undefined;
  readonly now: () => number;
  readonly startedMs: number;
}

type OwnKey = 'prompt' | 'context' | 'mode' | 'maxHoldCharacters' | 'maxHoldMs' | 'contextCharacters' | 'wholeOnly' | 'closing';

// `align` checks the rest and rejects unknown keys; the exchange is checked as one
const ownSchema: z.ZodType<Omit<Pick<AlignStreamOptions, OwnKey>, 'prompt' | 'context'>> = z.looseObject({
  mode: z.enum(['sentence', 'whole']).optional(),
  maxHoldCharacters: z.int().min(2).optional(),
  maxHoldMs: z.number().positive().max(2 ** 31 - 1).optional(),
  contextCharacters: z.int().min(0).optional(),
  wholeOnly: z.array(z.string()).optional(),
  closing: z.enum(['event', 'append', 'none']).optional(),
});

/**
 * Checks everything that a stream is given but its source.
 * @throws AlignSquadError `invalid-options`, `invalid-exchange` or `unknown-criterion`.
 */
export function resolveStreamOptions(makeSquad: MakeSquad, squadOptions: SquadOptions, options: AlignStreamOptions): StreamSetup {
  const own = withoutUndefined(parseWith(ownSchema, options, { what: 'alignStream options', code: 'invalid-options' }));
  const { prompt, context, mode: _mode, maxHoldCharacters: _characters, maxHoldMs: _ms, contextCharacters: _context, wholeOnly: _only, closing: _closing, ...align } = options;
  const { response: _response, ...exchange } = parseExchange({ prompt, context, response: '' });
  const squad = resolveSquadOptions(squadOptions);
  const { criteria, deadlineMs } = resolveAlignOptions(align, squad);
  const { wholeOnly = criteria.filter((id) => needsWhole(squadOptions.inspectors, id)) } = own;
  const isWhole = own.wholeOnly === undefined && wholeOnly.length === criteria.length;
  const { mode = isWhole ? 'whole' : 'sentence' } = own;
  return {
    makeSquad,
    squadOptions,
    align: {
      ...align,
      onUnfixed: align.onUnfixed ?? squadOptions.onUnfixed ?? { block: '' },
      onError: align.onError ?? squadOptions.onError,
    },
    exchange,
    mode,
    maxHoldCharacters: own.maxHoldCharacters ?? 2000,
    maxHoldMs: own.maxHoldMs ?? 5000,
    contextCharacters: own.contextCharacters ?? 500,
    closing: own.closing ?? 'event',
    criteria,
    windowCriteria: mode === 'whole' ? criteria : withoutWholeOnly(criteria, wholeOnly),
    deadlineMs,
    now: squad.now,
    startedMs: squad.now(),
  };
}

/** Whether the inspector of a criterion can't judge an unfinished response. */
function needsWhole(inspectors: readonly Inspector[], criterion: string): boolean {
  return inspectors.find(({ criteria }) => criteria.includes(criterion))?.abilities.unfinished?.[criterion] === null;
}

function withoutWholeOnly(criteria: readonly string[], wholeOnly: readonly string[]): string[] {
  const left = criteria.filter((id) => !wholeOnly.includes(id));
  if (left.length > 0 && wholeOnly.every((id) => criteria.includes(id))) return left;
  throw new AlignSquadError(
    `Expected \`wholeOnly\` to name some of the criteria ${criteria.join(', ')}, but not all; for all, use mode \`whole\`.`,
    { code: 'invalid-options' },
  );
}
