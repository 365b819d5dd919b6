import type { Message } from '@align-squad/core';
import type { AlignerRecord } from '../data/read-records.js';
import { correctionMessages } from './correction-messages.js';

/** What a line is made of: an exchange and the correction of its response. */
export type CorrectedExchange = Pick<AlignerRecord, 'exchange' | 'correction'>;

/** A line of supervised fine-tuning on chats. */
export interface SftChatLine {
  /** System, user, then the assistant's correction. */
  readonly messages: readonly Message[];
}

/** A line of preference fine-tuning (DPO) on chats. */
export interface PreferenceLine {
  readonly input: { readonly messages: readonly Message[] };
  /** One message: the correction. */
  readonly preferred_output: readonly Message[];
  /** One message: the response as it was. */
  readonly non_preferred_output: readonly Message[];
}

/** A line of chat fine-tuning as OpenAI, Azure OpenAI, Together and Fireworks read it. */
export function toSftChat({ exchange, correction }: CorrectedExchange): SftChatLine {
  return { messages: [...correctionMessages(exchange), assistant(correction)] };
}

/**
 * A line of preference fine-tuning as OpenAI, Azure OpenAI, Together and Fireworks read it: the correction is preferred
 * over the response repeated. An identity has no such pair, as both would be the same.
 */
export function toPreference({ exchange, correction }: CorrectedExchange): PreferenceLine {
  return {
    input: { messages: correctionMessages(exchange) },
    preferred_output: [assistant(correction)],
    non_preferred_output: [assistant(exchange.response)],
  };
}

function assistant(content: string): Message {
  return { role: 'assistant', content };
}
