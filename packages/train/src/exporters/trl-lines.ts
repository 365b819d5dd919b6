import { alignerTokens } from '@align-squad/aligner';
import { promptText, type Exchange } from '@align-squad/core';
import type { CorrectedExchange } from './chat-lines.js';

/** A line of TRL's prompt-completion type in its standard format, for `SFTTrainer`. */
export interface TrlSftLine {
  readonly prompt: string;
  readonly completion: string;
}

/** A line of TRL's preference type in its standard format, for `DPOTrainer`. */
export interface TrlPreferenceLine {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}

const { context: contextMarker, init, aligned, done } = alignerTokens;
const markers = [contextMarker, init, aligned, done].map((marker) => marker.toLowerCase());

/** `x [CONTEXT] c [INIT] y [ALIGNED]` and ` y' [DONE]` (paper, section 3.3), the part from [CONTEXT] only where there is a context. */
export function toTrlSft({ exchange, correction }: CorrectedExchange): TrlSftLine {
  return { prompt: sourceText(exchange), completion: targetText(correction) };
}

/** The prompt of `toTrlSft` with the correction chosen and the response rejected; an identity has no such pair. */
export function toTrlPreference({ exchange, correction }: CorrectedExchange): TrlPreferenceLine {
  return { prompt: sourceText(exchange), chosen: targetText(correction), rejected: targetText(exchange.response) };
}

/** A text of the record spells a marker of the layout, in any case: as plain text it could not be told from a real one. */
export function spellsMarker({ exchange: { prompt, context = '', response }, correction }: CorrectedExchange): boolean {
  const texts = [promptText(prompt), context, response, correction].map((text) => text.toLowerCase());
  return texts.some((text) => markers.some((marker) => text.includes(marker)));
}

function sourceText({ prompt, context = '', response }: Exchange): string {
  const [request, grounding] = [promptText(prompt).trim(), context.trim()];
  return [...(request === '' ? [] : [request]), ...(grounding === '' ? [] : [contextMarker, grounding]), init, response, aligned].join(' ');
}

// The space stands before the completion, not after the prompt: TRL tokenizes the prompt alone too, and most tokenizers
// join a space to the word behind it.
function targetText(text: string): string {
  return ` ${text} ${done}`;
}
