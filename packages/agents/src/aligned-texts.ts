import type { ModelRequest } from '@openai/agents';
import type { Exchange } from '@align-squad/core';
import type { BoundSquad } from '@align-squad/embedded';
import type { StreamEvent } from '@align-squad/squad';

/** The texts of one answer, and what each became. */
export interface AlignedTexts {
  /** What is given for a text: what was released of it in the stream, if it came there, else it is aligned now. */
  align(text: string): Promise<string>;
  /** Aligns a text while it is written. */
  alignStream(source: ReadableStream<string>, stop: AbortSignal): AsyncGenerator<StreamEvent, void, undefined>;
}

/** Starts with no text. */
export function createAlignedTexts(squad: BoundSquad, exchange: Omit<Exchange, 'response'>, signal: AbortSignal | undefined): AlignedTexts {
  const given = new Map<string, string>();
  return {
    align: async (text) => {
      const known = given.get(text);
      if (known !== undefined || text.trim() === '') return known ?? text;
      const { response } = await squad.align({ ...exchange, response: text }, { signal });
      given.set(text, response);
      return response;
    },
    async *alignStream(source, stop) {
      const call = { ...exchange, signal: signal ? AbortSignal.any([stop, signal]) : stop };
      let written = '';
      for await (const event of squad.alignStream(source, call)) {
        if (event.type === 'text') written += event.text;
        // the message for a text that was withheld is no part of the result
        if (event.type === 'end') given.set(event.result.original, written === event.released ? event.result.response : written);
        yield event;
      }
    },
  };
}

/** The text of the last message of the user. */
export function promptOf({ input }: ModelRequest): string | undefined {
  if (typeof input === 'string') return input;
  const message = input.findLast((item) => 'role' in item && item.role === 'user');
  if (message === undefined || !('content' in message)) return undefined;
  const { content } = message;
  if (typeof content === 'string' || !Array.isArray(content)) return typeof content === 'string' ? content : undefined;
  return content.flatMap((part) => (part.type === 'input_text' ? [part.text] : [])).join('\n');
}
