import { AlignSquadError, type Criterion } from '@align-squad/core';
import { bindSquad, type AdapterOptions } from '@align-squad/embedded';
import { alignGenerated, type CallAlignment } from './align-generated.js';
import { skippedMetadata, withReport } from './align-metadata.js';
import { alignModelStream } from './align-model-stream.js';
import { isStructured, promptOf } from './model-call.js';
import type { GenerateResult, ModelCall, ModelPart, StreamResult } from './model-types.js';
import { reasoningModes, type ReasoningMode } from './part-kinds.js';
import { withoutRawText } from './without-raw-text.js';

/** Options of `alignMiddleware`. */
export interface AlignMiddlewareOptions extends AdapterOptions {
  /** Text that answers must be grounded in, or a function that tells it from the options of the model's call. @default none */
  readonly context?: string | ((call: ModelCall) => string | undefined) | undefined;
  /** What becomes of reasoning: aligned as texts of its own, dropped, or kept as the model wrote it. @default 'align' */
  readonly reasoning?: ReasoningMode | undefined;
}

/** Middleware for `wrapLanguageModel` of the AI SDK: specification v3 (ai 6), and v4 (ai 7), which takes v3 too. */
export interface AlignMiddleware {
  readonly specificationVersion: 'v3';
  readonly wrapGenerate: <R extends GenerateResult>(options: { readonly doGenerate: () => PromiseLike<R>; readonly params: ModelCall }) => Promise<R>;
  readonly wrapStream: <R extends StreamResult>(options: { readonly doStream: () => PromiseLike<R>; readonly params: ModelCall }) => Promise<R>;
}

/**
 * Makes middleware that aligns the answers of a language model, streams included: text is held a sentence at a time and
 * released once it passes. Tool calls, files and sources go on as they are, and so does structured output, which its
 * report says. The report is in `providerMetadata['align-squad']`, an `AlignMetadata`.
 * @throws AlignSquadError `invalid-options`. Calls reject, and streams fail, with what `bindSquad` says, and with the
 * errors of the model, untouched unless they quote its answer (then `source-failed`).
 * @example
 * import { alignMiddleware } from '@align-squad/ai-sdk';
 * import { wrapLanguageModel } from 'ai';
 * import { MockLanguageModelV3 } from 'ai/test';
 *
 * const model = wrapLanguageModel({ model: new MockLanguageModelV3(), middleware: alignMiddleware(['ethical']) });
 */
export function alignMiddleware(criteria?: readonly (string | Criterion)[], options: AlignMiddlewareOptions = {}): AlignMiddleware {
  const { context, reasoning = 'align', ...shared } = options;
  checkOwn(context, reasoning);
  const bound = bindSquad(criteria, shared);
  const alignmentOf = (call: ModelCall): CallAlignment => ({
    bound,
    prompt: promptOf(call),
    context: typeof context === 'function' ? context(call) : context,
    reasoning,
    signal: call.abortSignal,
  });
  return {
    specificationVersion: 'v3',
    async wrapGenerate({ doGenerate, params }) {
      const result = await unquoted(doGenerate);
      const aligned = isStructured(params)
        ? { ...result, providerMetadata: withReport(result.providerMetadata, skippedMetadata) }
        : await alignGenerated(result, alignmentOf(params));
      // it has the parts of the result, or texts in their place; TypeScript can't tell of a type that it does not know
      return aligned as typeof result;
    },
    async wrapStream({ doStream, params }) {
      const result = await unquoted(doStream);
      const stream = isStructured(params) ? result.stream.pipeThrough(reportSkipped()) : alignModelStream(result.stream, alignmentOf(params));
      // as above
      return { ...result, stream } as typeof result;
    },
  };
}

async function unquoted<R>(call: () => PromiseLike<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    throw withoutRawText(error);
  }
}

function reportSkipped(): TransformStream<ModelPart, ModelPart> {
  return new TransformStream({
    transform: (part, controller) => {
      const isLast = part.type === 'finish';
      controller.enqueue(isLast ? { ...part, providerMetadata: withReport(part.providerMetadata, skippedMetadata) } : part);
    },
  });
}

function checkOwn(context: unknown, reasoning: ReasoningMode): void {
  if (context !== undefined && typeof context !== 'string' && typeof context !== 'function') {
    throw new AlignSquadError(`Expected \`context\` to be a string or a function, got ${typeof context}.`, { code: 'invalid-options' });
  }
  if (!reasoningModes.includes(reasoning)) {
    throw new AlignSquadError(`Expected \`reasoning\` to be one of ${reasoningModes.join(', ')}.`, { code: 'invalid-options' });
  }
}
