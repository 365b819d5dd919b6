import type { Server } from './ask-server.js';
import type { ExchangeRequest, Failure } from './replies.js';
import type { ResultsPane } from './results-pane.js';
import { createStreamView } from './stream-view.js';
import { createWritingPace } from './writing-pace.js';

/** What a stream needs. */
export interface StreamRun {
  readonly server: Server;
  readonly results: ResultsPane;
  readonly request: ExchangeRequest;
  readonly signal: AbortSignal;
}

// about what a large hosted model writes
const charactersPerSecond = 250;

/** Streams an answer and shows it at the pace of an LLM. Resolves with what failed; throws only when aborted. */
export async function runStream({ server, results, request, signal }: StreamRun): Promise<Failure | undefined> {
  const { response } = request;
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const view = createStreamView();
  const pace = createWritingPace({ charactersPerSecond: isStill ? Infinity : charactersPerSecond, signal, onProgress: (written) => view.progress(Math.min(written, response.length)) });
  results.show(view);
  try {
    for await (const event of server.stream({ path: 'v1/align', body: { ...request, stream: true }, signal })) {
      if ('failure' in event) return event.failure;
      if (event.type === 'verdict') await pace.reach(event.window.end);
      view.take(event);
    }
    return undefined;
  } finally {
    view.end();
  }
}
