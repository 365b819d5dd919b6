import { collectCompletion, type Completion, type GenerateRequest, type TextGenerator } from '@align-squad/core';
import { labelOf, labelTokens, misalignedByLogprobs, misalignedByVotes, type Label } from '@align-squad/llm/prompts';
import type { Limiter } from '../contract/limiter.js';

/** How a language model is asked for a label. */
export interface AskLabelOptions {
  readonly generator: TextGenerator;
  /** Answers that are counted where the model tells no log-probabilities. */
  readonly votes: number;
  readonly topLogprobs: number;
  /** Most requests for one answer that can be read. */
  readonly maxAttempts: number;
  readonly limiter: Limiter;
}

interface ReadAnswer {
  readonly label: Label;
  readonly completion: Completion;
}

/**
 * P(misaligned) of a label prompt, in [0, 1]: by the log-probabilities of the letters where the first answer tells them,
 * otherwise by votes; undefined when an answer could not be read. The first answer is the first vote.
 */
export async function askLabel(prompt: string, options: AskLabelOptions, signal: AbortSignal): Promise<number | undefined> {
  const first = await readVote(prompt, 0, options, signal);
  if (!first) return undefined;
  const told = misalignedByLogprobs(first.completion.topLogprobs);
  if (told !== undefined) return told;
  const rest = Array.from({ length: options.votes - 1 }, (_, index) => readVote(prompt, index + 1, options, signal));
  const votes = [first, ...(await Promise.all(rest))].map((answer) => answer?.label);
  return votes.every((label) => label !== undefined) ? misalignedByVotes(votes) : undefined;
}

/** The answer of one seed; another seed is tried for one that is no letter. */
async function readVote(prompt: string, seed: number, options: AskLabelOptions, signal: AbortSignal): Promise<ReadAnswer | undefined> {
  const { generator, limiter, votes, topLogprobs, maxAttempts } = options;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const request: GenerateRequest = {
      prompt,
      maxTokens: labelTokens,
      temperature: 1,
      // No seed of one vote is that of another.
      seed: seed + attempt * votes,
      ...(seed === 0 && topLogprobs > 0 && { topLogprobs }),
    };
    const completion = await limiter.run(() => collectCompletion(generator, request, { signal }), signal);
    const label = labelOf(completion.text);
    if (label) return { label, completion };
  }
  return undefined;
}
