import type { Model, ModelProvider, ModelRequest, StreamEvent, StreamEventResponseCompleted } from '@openai/agents';
import type { Criterion } from '@align-squad/core';
import { bindSquad, type AdapterOptions } from '@align-squad/embedded';
import { alignParts, type PartRole } from '@align-squad/squad';
import { alignOutput } from './align-output.js';
import { checkText, readText, type TextOf } from './text-of.js';
import { createAlignedTexts, promptOf, type AlignedTexts } from './aligned-texts.js';

/** Options of `alignModel` and `alignModelProvider`; the rest is as in `alignSquad`. */
export interface AlignModelOptions extends AdapterOptions {
  /** Text that answers must be grounded in, or a function of the model's request that gives it. @default none */
  readonly context?: TextOf<ModelRequest> | undefined;
}

/**
 * A model that gives the answers of another one aligned, also while they are streamed. Calls of tools, usage and ids
 * stay; raw events of the provider are left out, and so are its data where they may repeat a changed text. Structured
 * output (an agent with `outputType`) passes as it is.
 * @throws AlignSquadError `invalid-options`. Calls reject as those of `alignSquad` do; errors of the model stay as they are.
 * @example
 * ```ts
 * import { alignModel } from '@align-squad/agents';
 * import { Agent, OpenAIProvider } from '@openai/agents';
 *
 * const model = await new OpenAIProvider({ apiKey: 'key' }).getModel('gpt-5-mini');
 * const agent = new Agent({ name: 'Help', model: alignModel(model, ['ethical']) });
 * ```
 */
export function alignModel(model: Model, criteria?: readonly (string | Criterion)[], options: AlignModelOptions = {}): Model {
  return wrapModel(model, openTexts(criteria, options));
}

/**
 * A provider whose models align their answers, as `alignModel` says; for a `Runner` whose agents name their models.
 * @throws AlignSquadError `invalid-options`.
 */
export function alignModelProvider(provider: ModelProvider, criteria?: readonly (string | Criterion)[], options: AlignModelOptions = {}): ModelProvider {
  const open = openTexts(criteria, options);
  return { getModel: async (name) => wrapModel(await provider.getModel(name), open) };
}

type OpenTexts = (request: ModelRequest) => AlignedTexts;

function openTexts(criteria: readonly (string | Criterion)[] | undefined, options: AlignModelOptions): OpenTexts {
  const { context, ...rest } = options;
  checkText('context', context);
  const squad = bindSquad(criteria, rest);
  return (request) => {
    const exchange = { prompt: promptOf(request), context: readText(context, request) };
    return createAlignedTexts(squad, exchange, request.signal);
  };
}

function wrapModel(model: Model, open: OpenTexts): Model {
  const { supportsPromptModelSelection } = model;
  return {
    ...(supportsPromptModelSelection !== undefined && { supportsPromptModelSelection }),
    ...(model.getRetryAdvice && { getRetryAdvice: (request) => model.getRetryAdvice?.(request) }),
    async getResponse(request) {
      const response = await model.getResponse(request);
      if (isStructured(request)) return response;
      const output = await alignOutput(response.output, open(request));
      if (output === response.output) return response;
      const { providerData: _raw, ...rest } = response;
      return { ...rest, output };
    },
    getStreamedResponse: (request) =>
      isStructured(request) ? model.getStreamedResponse(request) : alignEvents(model.getStreamedResponse(request), open(request)),
  };
}

/** Text that is JSON by a schema can't be rewritten. */
function isStructured({ outputType }: ModelRequest): boolean {
  return typeof outputType === 'object';
}

async function* alignEvents(source: AsyncIterable<StreamEvent>, texts: AlignedTexts): AsyncGenerator<StreamEvent, void, undefined> {
  const events = alignParts(source, {
    roleOf: (event): PartRole => {
      if (event.type === 'output_text_delta') return { kind: 'text', id: event.itemId ?? '', text: event.delta };
      if (event.type === 'response_done') return { kind: 'end' };
      return { kind: event.type === 'model' ? 'drop' : 'pass' };
    },
    align: (text, _id, stop) => texts.alignStream(text, stop),
    textPart: (delta, like): StreamEvent => ({ ...like, type: 'output_text_delta', delta }),
  });
  for await (const event of events) yield event.type === 'response_done' ? await alignDone(event, texts) : withoutRaw(event);
}

/** The first event of a response and each piece of text bring raw data of the provider, which hold text. */
function withoutRaw(event: StreamEvent): StreamEvent {
  const copy = { ...event };
  delete copy.providerData;
  return copy;
}

async function alignDone(event: StreamEventResponseCompleted, texts: AlignedTexts): Promise<StreamEvent> {
  const output = await alignOutput(event.response.output, texts);
  if (output === event.response.output) return event;
  const { providerData: _raw, ...response } = event.response;
  return withoutRaw({ ...event, response: { ...response, output } });
}
