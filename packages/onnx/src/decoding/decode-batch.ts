import { isEnded, type DecodeSessionRequest } from './decode-request.js';
import { createDecoderRun, type LoadedDecoder } from './decoder-run.js';
import type { RowsWanted } from './decoder-rows.js';
import { createPass } from './pass.js';
import { chooseToken, createTokenChooser, type TokenChooser } from './token-chooser.js';

/** A text that was decoded. */
export interface DecodedText {
  readonly ids: readonly number[];
  readonly reason: 'stop' | 'length';
}

interface OpenText {
  readonly request: DecodeSessionRequest;
  readonly chooser: TokenChooser;
  readonly ids: number[];
  reason: 'stop' | 'length' | undefined;
}

/** Decodes several texts in the same passes, without drafts; one that has ended gives nothing more, whatever follows it. */
export async function decodeBatch(decoder: LoadedDecoder, requests: readonly DecodeSessionRequest[], signal: AbortSignal | undefined): Promise<DecodedText[]> {
  const longest = Math.max(...requests.map(({ ids }) => ids.length));
  const leads = requests.map(({ ids }) => longest - ids.length);
  const run = createDecoderRun(decoder, { leads, exact: true });
  const texts = requests.map((request): OpenText => ({ request, chooser: createTokenChooser(request, request.ids), ids: [], reason: request.maxTokens > 0 ? undefined : 'length' }));
  let pending = requests.map(({ ids }, text): readonly number[] => [...new Array<number>(leads[text] ?? 0).fill(0), ...ids]);
  while (texts.some(({ reason }) => reason === undefined)) {
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    const pass = createPass(run, pending, 1);
    await pass.rows(wantedOf(texts));
    signal?.throwIfAborted();
    for (const [index, text] of texts.entries()) {
      if (text.reason !== undefined) continue;
      text.ids.push((await chooseToken(text.chooser, pass, index, 0)).id);
      if (isEnded(text.ids, text.request)) text.reason = 'stop';
      else if (text.ids.length >= text.request.maxTokens) text.reason = 'length';
    }
    run.keep(pending[0]?.length ?? 0);
    pending = texts.map(({ ids }) => [ids.at(-1) ?? 0]);
  }
  return texts.map(({ ids, reason }) => ({ ids, reason: reason ?? 'length' }));
}

/** What a pass is asked for where each of its texts wants something else: rows of another temperature are read whole. */
function wantedOf(texts: readonly OpenText[]): RowsWanted {
  const wanted = texts.filter(({ reason }) => reason === undefined).map(({ chooser }) => chooser.wants);
  const ranked = wanted.filter(({ top }) => top > 0);
  const temperature = ranked[0]?.temperature ?? 1;
  const isMixed = ranked.some((each) => each.temperature !== temperature);
  return { logits: isMixed || wanted.some(({ logits }) => logits), top: isMixed ? 0 : Math.max(0, ...ranked.map(({ top }) => top)), temperature };
}

/** How requests are grouped. */
export interface GroupOptions {
  /** Most requests of a group. */
  readonly largest: number;
  /** Prompts of near length may go together; otherwise only those of equal length. */
  readonly isNearEnough: boolean;
  /** A request that goes alone. @default none */
  readonly isAlone?: ((request: DecodeSessionRequest) => boolean) | undefined;
}

/** Groups requests by the length of their prompts, as indices. What is masked in front of the shorter ones costs as much as if it were read. */
export function groupByLength(requests: readonly DecodeSessionRequest[], { largest, isNearEnough, isAlone = () => false }: GroupOptions): number[][] {
  const alone = requests.flatMap((request, index) => (isAlone(request) ? [index] : []));
  const sorted = [...requests.keys()].filter((index) => !alone.includes(index)).sort((a, b) => lengthOf(requests, a) - lengthOf(requests, b) || a - b);
  const groups: number[][] = [];
  for (const index of sorted) {
    const group = groups.at(-1);
    const shortest = lengthOf(requests, group?.[0] ?? 0);
    const most = isNearEnough ? Math.max(shortest + 2, shortest * nearLength) : shortest;
    const isNear = group !== undefined && lengthOf(requests, index) <= most;
    if (isNear && group.length < largest) group.push(index);
    else groups.push([index]);
  }
  return [...groups, ...alone.map((index) => [index])];
}

// Measured: eight prompts of 128 to 256 tokens in float32 take less than half of what they take one by one.
const nearLength = 2;

function lengthOf(requests: readonly DecodeSessionRequest[], index: number): number {
  return requests[index]?.ids.length ?? 0;
}
