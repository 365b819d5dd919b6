import { promptText, type Aligner, type AlignerOptions, type AlignEvent, type AlignRequest, type Exchange, type GenerateRequest, type TextGenerator } from '@align-squad/core';
import { alignerFailure, checkRequest } from '../designs/pack-aligner-base.js';
import { faultyTexts } from './faulty-texts.js';
import type { ResolvedGenerationOptions } from './generation-options.js';
import { liveTexts } from './live-texts.js';
import { readAnswer, readWholeAnswer } from './read-answer.js';
import type { RewriteDialect } from './rewrite-dialect.js';
import { rewriteOf, unwantedTexts } from './unwanted-texts.js';

/** What an aligner over a `TextGenerator` is made of. */
export interface GenerationAlignerOptions extends ResolvedGenerationOptions {
  readonly version: string;
  readonly criteria: readonly string[];
  readonly generator: TextGenerator;
  readonly dialect: RewriteDialect;
  /** Give text as it comes, where the dialect's answer is the rewrite. */
  readonly live: boolean;
  /** Draws further answers to the prompt; undefined when there is nothing to combine. @default asks for none */
  readonly drawAnswers?: ((exchange: Exchange, signal: AbortSignal | undefined) => Promise<readonly string[] | undefined>) | undefined;
}

/**
 * An aligner that asks a language model for the rewrite. `none` where there is no such candidate, the exchange or the answer
 * is too long, the answer was cut or can't be read, finds nothing, is blank, or is the response or the prompt again.
 * What the model throws becomes `aligner-failed`.
 */
export function createGenerationAligner(options: GenerationAlignerOptions): Aligner {
  const { version, criteria, candidates } = options;
  return {
    contract: 'aligner/1',
    version,
    criteria,
    // A server does not promise the same answer, not even without sampling.
    abilities: { maxCandidates: candidates, deterministic: false },
    async *align(request: AlignRequest, { signal }: AlignerOptions = {}): AsyncGenerator<AlignEvent> {
      signal?.throwIfAborted();
      const exchange = checkRequest(request, criteria);
      let isGiven = false;
      for await (const text of guarded(rewriteTexts(options, { ...request, exchange }, signal), signal)) {
        isGiven = true;
        yield { type: 'text', text };
        signal?.throwIfAborted();
      }
      yield { type: 'end', outcome: isGiven ? 'rewritten' : 'none' };
    },
  };
}

/** The texts of the rewrite; no text where there is none. */
async function* rewriteTexts(
  options: GenerationAlignerOptions,
  { exchange, criterion, verdict, candidate = 0 }: AlignRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const { generator, dialect, candidates, maxTokens, maxCharacters, temperature } = options;
  const { context, response } = exchange;
  const prompt = exchange.prompt === undefined ? undefined : promptText(exchange.prompt);
  const characters = (prompt ?? '').length + (context ?? '').length + response.length;
  if (candidate >= candidates || response.trim() === '' || characters > maxCharacters) return;
  const answers = options.drawAnswers === undefined ? [] : await options.drawAnswers(exchange, signal);
  if (answers === undefined) return;
  const texts = { prompt, context, response, faultySentences: faultyTexts(response, verdict), answers };
  const sampling = candidate === 0 ? { temperature: 0 } : { temperature, seed: candidate };
  const asked: GenerateRequest = { ...dialect.ask(texts, criterion), maxTokens, ...sampling };
  const unwanted = unwantedTexts(texts, asked);
  if (options.live && dialect.isRewrite) return yield* liveTexts(readAnswer(generator, asked, { maxCharacters, signal }), unwanted);
  const answer = await readWholeAnswer(generator, asked, { maxCharacters, signal });
  const rewrite = answer === undefined ? undefined : rewriteOf(dialect.read(answer, texts), unwanted);
  if (rewrite !== undefined) yield rewrite;
}

/** What the model throws, as the aligner's own failure. */
async function* guarded<T>(events: AsyncGenerator<T, void, undefined>, signal: AbortSignal | undefined): AsyncGenerator<T, void, undefined> {
  try {
    yield* events;
  } catch (error) {
    throw alignerFailure(error, 'The language model of the aligner failed.', signal);
  }
}
