import { AlignSquadError, parseWith, type Defined, type Inspector } from '@align-squad/core';
import { z } from 'zod';
import { defineInspector } from '../contract/define-inspector.js';
import { isProbability, type Judgement } from '../contract/verdicts.js';
import { runCheck, type ValidatorCheck } from './checks.js';

/** Options of `createValidatorInspector`. */
export interface ValidatorInspectorOptions {
  /** Id of the criterion that the check decides. */
  readonly criterion: string;
  readonly check: ValidatorCheck;
  /** P(misaligned) from which an exchange is flagged, in [0, 1]. @default 0.5 */
  readonly threshold?: number | undefined;
  /** Without a context the criterion is not judged. @default false */
  readonly needsContext?: boolean | undefined;
  /**
   * Whether only a whole response can be checked, not one that is still being written.
   * @default true for `matches` and `json`, otherwise false
   */
  readonly wholeOnly?: boolean | undefined;
  /** Names the check, for results and caches. @default 'validator/1' and the criterion */
  readonly version?: string | undefined;
}

type ResolvedValidatorInspectorOptions = Defined<Required<Omit<ValidatorInspectorOptions, 'version' | 'wholeOnly'>>> &
  Pick<ValidatorInspectorOptions, 'version' | 'wholeOnly'>;

const regularExpression = z.instanceof(RegExp);
const optionsSchema: z.ZodType<ResolvedValidatorInspectorOptions> = z.strictObject({
  criterion: z.string().regex(/^[a-z][a-z0-9-]*$/),
  check: z.union([
    z.strictObject({ matches: regularExpression }),
    z.strictObject({ avoids: regularExpression }),
    z.strictObject({ json: z.custom<z.ZodType>((value) => typeof (value as Partial<z.ZodType> | undefined)?.safeParseAsync === 'function') }),
    z.custom<Extract<ValidatorCheck, (...parameters: never) => unknown>>((value) => typeof value === 'function'),
  ]),
  threshold: z.number().min(0).max(1).default(0.5),
  needsContext: z.boolean().default(false),
  wholeOnly: z.boolean().optional(),
  version: z.string().min(1).optional(),
});

/**
 * Creates an inspector that decides one criterion by a rule: a regular expression, a schema of JSON, or a function.
 * P(misaligned) is 0 or 1, or what the function says. The function is given a signal and may be asynchronous. A regular
 * expression runs in the calling thread and no signal ends it: one that backtracks, as `(a+)+$`, can hang on a text made
 * for that, so keep to patterns of linear time where texts come from others.
 * @throws AlignSquadError `invalid-options`; an inspection rejects with `inspector-failed` when the check throws, or says
 * what is no probability or no span of the response.
 */
export function createValidatorInspector(options: ValidatorInspectorOptions): Inspector {
  const parsed = parseWith(optionsSchema, options, { what: 'options of `createValidatorInspector`', code: 'invalid-options' });
  const { criterion, check, threshold, needsContext, wholeOnly = 'matches' in check || 'json' in check } = parsed;
  return defineInspector({
    version: parsed.version ?? `validator/1 ${criterion}`,
    criteria: [{ id: criterion, threshold, needsContext, wholeOnly }],
    deterministic: true,
    judge: async (exchange, _criteria, signal) => {
      const judgement = await runCheck(check, exchange, signal);
      assertJudgement(judgement, exchange.response.length);
      return new Map([[criterion, judgement]]);
    },
  });
}

/** Functions of users say anything: nothing at all, or spans outside the response. */
function assertJudgement(judgement: Judgement | undefined | null, length: number): void {
  const spans = judgement?.spans ?? [];
  const isOrdered = spans.every(({ start, end, misalignment }, index) =>
    Number.isInteger(start) && Number.isInteger(end) && start >= (spans[index - 1]?.end ?? 0) && end > start && end <= length && isProbability(misalignment));
  if (isProbability(judgement?.misalignment) && isOrdered) return;
  throw new AlignSquadError('Expected the check of a validator to say true, false, or P(misaligned) in [0, 1] with spans in order and within the response.', {
    code: 'inspector-failed',
  });
}
