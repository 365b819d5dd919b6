import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { RunnableBinding, type Runnable } from '@langchain/core/runnables';
import type { AgentMiddleware, ModelRequest } from 'langchain';
import { AlignSquadError, type Criterion, type Exchange } from '@align-squad/core';
import { bindSquad, type AdapterOptions } from '@align-squad/embedded';
import { alignMessage, type AlignText } from './align-message.js';

/** Options of `alignMiddleware`; the rest is as in `alignSquad`. */
export interface AlignMiddlewareOptions extends AdapterOptions {
  /** Text that answers must be grounded in, or a function of the model call that gives it. @default none */
  readonly context?: ContextOf | undefined;
}

type ContextOf = string | ((request: ModelRequest) => string | undefined);

/**
 * Middleware of `createAgent` that aligns the text of each message of the model before it reaches state or stream, with
 * reports in `response_metadata.align_squad`. Calls of tools and structured responses stay as they are. It must stand
 * last in the list: a middleware within it that swaps the model would put raw text into the stream.
 * @throws AlignSquadError `invalid-options`. Calls reject with LangChain's `MiddlewareError`, whose cause is what `alignSquad` rejects with.
 */
export function alignMiddleware(criteria?: readonly (string | Criterion)[], options: AlignMiddlewareOptions = {}): AgentMiddleware {
  const { context, ...rest } = options;
  if (!['undefined', 'string', 'function'].includes(typeof context)) {
    throw new AlignSquadError('Expected `context` to be a string or a function.', { code: 'invalid-options' });
  }
  const squad = bindSquad(criteria, rest);
  const wrapModelCall: NonNullable<AgentMiddleware['wrapModelCall']> = async (request, handler) => {
    // LangChain gives a record of messages too, where there is a structured response
    const answer: unknown = await handler({ ...request, model: withoutStream(request.model) });
    const exchange = exchangeOf(request, context);
    const align: AlignText = (response) => squad.align({ ...exchange, response }, { signal: request.runtime.signal });
    // cast, because what comes back has the shape of the answer
    return (await alignResponse(answer, align, request.responseFormat !== undefined)) as AIMessage;
  };
  // what `createMiddleware` makes, which would need `langchain` where only chains are used; cast for its brand
  return { [Symbol.for('AgentMiddleware')]: true, name: 'AlignSquad', wrapModelCall } as unknown as AgentMiddleware;
}

/** The model, kept out of the stream of messages; a model with bound options stays one binding, which LangChain expects. */
function withoutStream(model: ModelRequest['model']): ModelRequest['model'] {
  // cast, because `isRunnableBinding` narrows to nothing of what it holds
  const binding = RunnableBinding.isRunnableBinding(model) ? (model as RunnableBinding<unknown, unknown>) : undefined;
  const { bound = model as Runnable, config = {}, kwargs = {}, configFactories } = binding ?? {};
  const fields = { bound, kwargs, config: { ...config, tags: [...(config.tags ?? []), 'nostream'] } };
  return new RunnableBinding({ ...fields, ...(configFactories && { configFactories }) }) as ModelRequest['model'];
}

function exchangeOf(request: ModelRequest, context: ContextOf | undefined): Omit<Exchange, 'response'> {
  return {
    prompt: request.messages.findLast((message) => HumanMessage.isInstance(message))?.text,
    context: typeof context === 'function' ? context(request) : context,
  };
}

async function alignResponse(answer: unknown, align: AlignText, isStructured: boolean): Promise<unknown> {
  if (AIMessage.isInstance(answer)) {
    const aligned = await alignMessage(answer, align);
    if (!isStructured || aligned === answer) return aligned;
    // LangChain gives this very message again where it asks once more for a structured response
    const { content, response_metadata, additional_kwargs } = aligned;
    Object.assign(answer.lc_kwargs, { content, response_metadata, additional_kwargs });
    return Object.assign(answer, { content, response_metadata, additional_kwargs });
  }
  if (typeof answer !== 'object' || answer === null || !('messages' in answer) || !Array.isArray(answer.messages)) return answer;
  const messages: unknown[] = [];
  for (const message of answer.messages) {
    // without a call of a tool the text is the structured response
    const hasText = AIMessage.isInstance(message) && (message.tool_calls ?? []).length > 0;
    messages.push(hasText ? await alignMessage(message, align) : message);
  }
  return { ...answer, messages };
}
