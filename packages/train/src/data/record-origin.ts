import { promptText, type Exchange } from '@align-squad/core';
import type { JsonLine } from './json-lines.js';
import type { LabelledLine } from './record-schemas.js';

/** Where a record comes from. */
export interface RecordOrigin {
  readonly exchange: Exchange;
  /** Number of the line over all files of the source, from 1. */
  readonly line: number;
  /** Records of one prompt share it. */
  readonly promptKey: string;
}

/** The origin of a record; a blank context counts as none. */
export function originOf(
  { line }: JsonLine,
  { prompt, context, response, pair }: Pick<LabelledLine, 'prompt' | 'context' | 'response' | 'pair'>,
): RecordOrigin {
  const grounding = context ?? '';
  const exchange: Exchange = {
    response,
    ...(prompt === undefined || prompt === null ? {} : { prompt }),
    ...(grounding.trim() === '' ? {} : { context: grounding }),
  };
  // Without a prompt, records belong together by their context, or by their pair.
  const others = grounding.trim() || (pair === undefined ? response : `pair ${pair}`);
  return { exchange, line, promptKey: promptText(exchange.prompt).trim() || others };
}
