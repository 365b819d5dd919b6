import { Agent, Runner, Usage, type AgentInputItem, type Model, type RunStreamEvent, type StreamEvent, type Tool } from '@openai/agents';
import { assistantMessage, modelStream, ScriptedModel } from '@openai/agents/testing';
import type { ScriptedModelInput } from '@openai/agents/testing';

/** A runner that reports to nobody. */
export const runner = new Runner({ tracingDisabled: true });

/** Usage that a test can recognise. */
export const usage = { requests: 1, inputTokens: 7, outputTokens: 11, totalTokens: 18 };

/** A model that gives these answers or steps, one a call. */
export function scriptedModel(...steps: (string | ScriptedModelInput)[]): ScriptedModel {
  return new ScriptedModel(steps.map((step) => (typeof step === 'string' ? { output: [assistantMessage(step, { id: 'message-1' })], usage: new Usage(usage), responseId: 'response-1' } : step)));
}

/** An agent of a model. */
export function agentOf(model: Model, tools: Tool[] = []): Agent {
  return new Agent({ name: 'Help', model, tools });
}

/** The events of an answer in pieces, as a provider gives them: raw data in every place that there is. */
export function streamedAnswer(pieces: readonly string[]): ReturnType<typeof modelStream> {
  const text = pieces.join('');
  const events: StreamEvent[] = [{ type: 'response_started', providerData: { first: pieces[0] } }];
  for (const piece of pieces) {
    events.push({ type: 'output_text_delta', itemId: 'message-1', delta: piece, providerData: { raw: piece } });
    events.push({ type: 'model', event: { delta: piece } });
  }
  events.push({
    type: 'response_done',
    providerData: { raw: text },
    response: {
      id: 'response-1',
      usage,
      output: [
        {
          type: 'message',
          id: 'message-1',
          role: 'assistant',
          status: 'completed',
          providerData: { raw: text },
          content: [{ type: 'output_text', text, providerData: { logprobs: [text] } }],
        },
      ],
      providerData: { raw: text },
    },
  });
  return modelStream(events);
}

/** Runs an agent and gives all that a client can see, an entry an event. */
export async function readRun(agent: Agent, input: string | AgentInputItem[] = 'How?'): Promise<{ events: RunStreamEvent[]; seen: string; text: string; finalOutput: unknown }> {
  const run = await runner.run(agent, input, { stream: true });
  const events: RunStreamEvent[] = [];
  for await (const event of run) events.push(event);
  await run.completed;
  const deltas = events.flatMap((event) => (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta' ? [event.data.delta] : []));
  const seen = JSON.stringify([events, run.output, run.history, run.rawResponses, run.newItems]);
  return { events, seen, text: deltas.join(''), finalOutput: run.finalOutput };
}
