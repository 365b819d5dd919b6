import { AlignSquadError } from '@align-squad/core';
import type { StreamEnd, StreamEvent } from './events.js';

/**
 * Reads a stream to its end.
 * Rejects with what the stream throws, or with `source-failed` for one without an `end` event.
 */
export async function collectStream(events: AsyncIterable<StreamEvent>): Promise<Omit<StreamEnd, 'type'>> {
  for await (const event of events) {
    if (event.type === 'end') return { result: event.result, released: event.released };
  }
  throw new AlignSquadError('The stream ended without its `end` event.', { code: 'source-failed' });
}
