import { AlignSquadError, builtInCriteria, collectCompletion, parseWith, type Criterion, type Defined, type TextGenerator } from '@align-squad/core';
import { askForPreference, parsePreference, preferenceFormat } from '@align-squad/llm/prompts';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { withBothOrders } from './both-orders.js';
import type { PairwiseAnswer, PairwiseJudge, PairwiseQuestion, Preference } from './judge.js';

/** Options of `createLlmJudge`. */
export interface LlmJudgeOptions {
  /** What the criteria of questions say, by their ids. @default the built-in criteria */
  readonly criteria?: readonly Criterion[] | undefined;
  /** Ask in both orders; a preference that changes with the order is a tie. @default true */
  readonly bothOrders?: boolean | undefined;
  /** Most requests for one answer that can be read, from 1. @default 3 */
  readonly maxAttempts?: number | undefined;
  /** Most tokens of an answer, from 1; reasoning models count what they think. @default 512 */
  readonly maxTokens?: number | undefined;
  /** Most answers that are remembered, the latest, from 0. @default 10000 */
  readonly maxCached?: number | undefined;
}

type ResolvedLlmJudgeOptions = Defined<Required<LlmJudgeOptions>>;

const optionsSchema: z.ZodType<ResolvedLlmJudgeOptions> = z.strictObject({
  criteria: z.array(z.custom<Criterion>((value) => typeof (value as Partial<Criterion> | undefined)?.id === 'string')).default(Object.values(builtInCriteria)),
  bothOrders: z.boolean().default(true),
  maxAttempts: z.int().min(1).default(3),
  maxTokens: z.int().min(1).default(512),
  maxCached: z.int().min(0).default(10_000),
});

const preferences = { A: 'first', B: 'second', tie: 'tie' } as const satisfies Record<string, Preference>;

/**
 * A judge by a language model (paper, section 4: GPT-4, both orders). Texts are JSON strings in the prompt, so that nothing
 * in them can end them, and the answer is a JSON object, by its schema where the generator can promise that. The first
 * attempt is greedy; an answer that can't be read is asked for again at temperature 1 with another seed. Answers are
 * remembered by question and order.
 * @throws AlignSquadError `invalid-options`. A comparison rejects with `unknown-criterion`, with `generator-failed` when no
 * answer can be read, with what the generator throws, or with the signal's reason.
 */
export function createLlmJudge(generator: TextGenerator, options: LlmJudgeOptions = {}): PairwiseJudge {
  const resolved = parseWith(optionsSchema, options, { what: 'options of `createLlmJudge`', code: 'invalid-options' });
  const criteria = new Map(resolved.criteria.map((criterion) => [criterion.id, criterion]));
  const cache = new Map<string, PairwiseAnswer>();
  const judge: PairwiseJudge = {
    contract: 'pairwise-judge/1',
    version: `llm-judge/1 ${generator.version}`,
    async compare(question, { signal } = {}) {
      signal?.throwIfAborted();
      const prompt = askForPreference(question, criterionOf(question, criteria));
      const key = createHash('sha256').update(prompt).digest('base64');
      const known = cache.get(key);
      if (known) return known;
      const answer = await ask(generator, prompt, resolved, signal);
      cache.set(key, answer);
      const [oldest] = cache.keys();
      if (cache.size > resolved.maxCached && oldest !== undefined) cache.delete(oldest);
      return answer;
    },
  };
  return resolved.bothOrders ? withBothOrders(judge) : judge;
}

function criterionOf({ criterion: id }: PairwiseQuestion, criteria: ReadonlyMap<string, Criterion>): Criterion | undefined {
  if (id === undefined) return undefined;
  const criterion = criteria.get(id);
  if (criterion) return criterion;
  throw new AlignSquadError('A pair names a criterion that the judge does not know: give it in `criteria`.', { code: 'unknown-criterion' });
}

async function ask(
  generator: TextGenerator,
  prompt: string,
  { maxAttempts, maxTokens }: Pick<ResolvedLlmJudgeOptions, 'maxAttempts' | 'maxTokens'>,
  signal: AbortSignal | undefined,
): Promise<PairwiseAnswer> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const sampling = attempt === 0 ? { temperature: 0 } : { temperature: 1, seed: attempt };
    const { text } = await collectCompletion(generator, { prompt, maxTokens, schema: preferenceFormat, ...sampling }, { signal });
    const draft = parsePreference(text);
    if (draft) return { preference: preferences[draft.answer], reason: draft.explanation };
  }
  throw new AlignSquadError(`The judge gave no answer that can be read in ${maxAttempts} attempt(s): does the model write JSON, and are \`maxTokens\` enough?`, { code: 'generator-failed' });
}
