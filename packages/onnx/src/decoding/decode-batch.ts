import { isEnded, type DecodeSessionRequest } from './decode-request.js';
import { createDecoderRun, type LoadedDecoder } from './decoder-run.js';
import { createTokenChooser } from './token-chooser.js';

/** A text that was decoded. */
export interface DecodedText {
  readonly ids: readonly number[];
  readonly reason: 'stop' | 'length';
}

interface OpenText {
  readonly request: DecodeSessionRequest;
  readonly chooser: ReturnType<typeof createTokenChooser>;
  readonly ids: number[];
  reason: 'stop' | 'length' | undefined;
}

/** Decodes several texts in the same passes, without drafts; one that has ended gives nothing more, whatever follows it. */
export async function decodeBatch(decoder: LoadedDecoder, requests: readonly DecodeSessionRequest[], signal: AbortSignal | undefined): Promise<DecodedText[]> {
  const longest = Math.max(...requests.map(({ ids }) => ids.length));
  const leads = requests.map(({ ids }) => longest - ids.length);
  const run = createDecoderRun(decoder, { leads, exact: true });
  const texts = requests.map((request): OpenText => ({ request, chooser: createTokenChooser(request.sampling, request.ids), ids: [], reason: request.maxTokens > 0 ? undefined : 'length' }));
  const needsLogits = texts.some(({ chooser }) => chooser.needsLogits);
  let pending = requests.map(({ ids }, text): readonly number[] => [...new Array<number>(leads[text] ?? 0).fill(0), ...ids]);
  while (texts.some(({ reason }) => reason === undefined)) {
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    const rows = await run.forward(pending, 1, needsLogits);
    signal?.throwIfAborted();
    run.keep(pending[0]?.length ?? 0);
    texts.forEach((text, index) => {
      if (text.reason !== undefined) return;
      text.ids.push(text.chooser.choose(rows, index, 0));
      if (isEnded(text.ids, text.request)) text.reason = 'stop';
      else if (text.ids.length >= text.request.maxTokens) text.reason = 'length';
    });
    pending = texts.map(({ ids }) => [ids.at(-1) ?? 0]);
  }
  return texts.map(({ ids, reason }) => ({ ids, reason: reason ?? 'length' }));
}

/** How requests are grouped. */
export interface GroupOptions {
  /** Most requests of a group. */
  readonly largest: number;
  /** Prompts of near length may go together; otherwise only those of equal length. */
  readonly isNearEnough: boolean;
}

/** Groups requests by the length of their prompts, as indices. What is masked in front of the shorter ones costs as much as if it were read. */
export function groupByLength(requests: readonly DecodeSessionRequest[], { largest, isNearEnough }: GroupOptions): number[][] {
  const sorted = [...requests.keys()].sort((a, b) => lengthOf(requests, a) - lengthOf(requests, b) || a - b);
  const groups: number[][] = [];
  for (const index of sorted) {
    const group = groups.at(-1);
    const shortest = lengthOf(requests, group?.[0] ?? 0);
    const most = isNearEnough ? Math.max(shortest + 2, shortest * nearLength) : shortest;
    const isNear = group !== undefined && lengthOf(requests, index) <= most;
    if (isNear && group.length < largest) group.push(index);
    else groups.push([index]);
  }
  return groups;
}

const nearLength = 1.1;

function lengthOf(requests: readonly DecodeSessionRequest[], index: number): number {
  return requests[index]?.ids.length ?? 0;
}
