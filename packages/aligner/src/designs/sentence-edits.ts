import type {
  AlignerOptions,
  AlignEvent,
  AlignRequest,
  Inspector,
  SpanScore,
} from '@align-squad/core';
import { packVersion, type Pack } from '@align-squad/onnx';
import { proposeRewrites, type ProposalSources } from '../edits/propose-rewrites.js';
import { rankRewrites } from '../edits/rank-rewrites.js';
import type { SentenceEditsManifest } from '../pack/manifest.js';
import { createRewriteTools } from './rewrite-tools.js';
import { checkRequest, type PackAligner } from './pack-aligner-base.js';

const maxCandidates = 3;

/** How an aligner that edits sentences is made. */
export interface SentenceEditsOptions {
  /** Finds the faulty sentences and chooses between rewrites. */
  readonly inspector: Inspector;
  /** Load the replacements and the embedder when the first rewrite is asked for. */
  readonly lazy: boolean;
}

/**
 * An aligner that edits sentences. It gives up to three rewrites, best first, that its inspector finds aligned, and none
 * where it has no such rewrite. Most of the work is done for candidate 0; the last request's rewrites are kept.
 * @throws AlignSquadError `pack-invalid`, `model-invalid`, `missing-dependency`; a lazy one throws them from `align`.
 */
export async function createSentenceEditsAligner(pack: Pack, manifest: SentenceEditsManifest, { inspector, lazy }: SentenceEditsOptions): Promise<PackAligner> {
  const tools = createRewriteTools(pack, manifest);
  if (!lazy) await tools.get();
  let last: { readonly key: string; readonly rewrites: readonly string[] } | undefined;

  const rewritesOf = async (request: AlignRequest, signal: AbortSignal | undefined): Promise<readonly string[]> => {
    const key = JSON.stringify([request.criterion, request.exchange, request.verdict?.spans]);
    if (last?.key === key) return last.rewrites;
    const sources: ProposalSources = {
      ...(await tools.get()),
      sentenceThreshold: manifest.sentenceThresholds[request.criterion] ?? 1,
      leastSimilarity: manifest.leastSimilarity,
    };
    const rewrites = await rewrite(request, sources, inspector, signal);
    last = { key, rewrites };
    return rewrites;
  };

  const dispose = async (): Promise<void> => {
    last = undefined;
    await tools.dispose();
  };

  return {
    contract: 'aligner/1',
    version: packVersion(pack.manifest),
    criteria: manifest.criteria,
    abilities: { maxCandidates, deterministic: true },
    async *align(request: AlignRequest, { signal }: AlignerOptions = {}): AsyncGenerator<AlignEvent> {
      signal?.throwIfAborted();
      const exchange = checkRequest(request, manifest.criteria);
      const candidate = request.candidate ?? 0;
      const rewrites = candidate < maxCandidates ? await rewritesOf({ ...request, exchange }, signal) : [];
      signal?.throwIfAborted();
      const text = rewrites[candidate];
      if (text === undefined) yield { type: 'end', outcome: 'none' };
      else {
        yield { type: 'text', text };
        signal?.throwIfAborted();
        yield { type: 'end', outcome: 'rewritten' };
      }
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

async function rewrite(
  { exchange, criterion, verdict }: AlignRequest,
  sources: ProposalSources,
  inspector: Inspector,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const spans = verdict?.spans ?? (await findSpans(inspector, { exchange, criterion }, signal));
  const rewrites = await proposeRewrites({ exchange, criterion, spans, signal }, sources);
  signal?.throwIfAborted();
  if (rewrites.length === 0) return [];
  return (await rankRewrites({ exchange, criterion, rewrites, inspector, signal })).slice(0, maxCandidates);
}

async function findSpans(
  inspector: Inspector,
  { exchange, criterion }: Pick<AlignRequest, 'exchange' | 'criterion'>,
  signal: AbortSignal | undefined,
): Promise<readonly SpanScore[]> {
  const [inspection] = await inspector.inspect([exchange], { criteria: [criterion], signal });
  return inspection?.[criterion]?.spans ?? [];
}
