import {
  AlignSquadError,
  parseExchange,
  type Aligner,
  type AlignerOptions,
  type AlignEvent,
  type AlignRequest,
  type Inspector,
  type SpanScore,
} from '@align-squad/core';
import { createSession, createTextTokenizer, type OnnxSession, type Pack } from '@align-squad/onnx';
import { proposeRewrites, type ProposalSources } from '../edits/propose-rewrites.js';
import { rankRewrites } from '../edits/rank-rewrites.js';
import { loadBank } from './bank.js';
import { parseAlignerManifest, type AlignerManifest } from './manifest.js';
import { createEmbedText } from './text-vectors.js';

/** Options of `createPackAligner`. */
export interface PackAlignerOptions {
  /** Finds the faulty sentences and chooses between rewrites; usually the inspector of the same pack. Not disposed with the aligner. */
  readonly inspector: Inspector;
}

/** An aligner that edits sentences: keeps, deletes or replaces them, and chooses between its rewrites by an inspector. */
export interface PackAligner extends Aligner {
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const maxCandidates = 3;

/**
 * Creates the aligner of a pack. It gives up to three rewrites, best first, that its inspector finds aligned, and none
 * where it has no such rewrite. Most of the work is done for candidate 0; the last request's rewrites are kept.
 * @throws AlignSquadError `pack-invalid` for a pack without a usable aligner, `model-invalid`, `missing-dependency`.
 */
export async function createPackAligner(pack: Pack, { inspector }: PackAlignerOptions): Promise<PackAligner> {
  const manifest = parseAlignerManifest(pack.manifest.aligner);
  const bank = await loadBank(pack, manifest);
  const tokenizer = await createTextTokenizer(await pack.readJson(manifest.tokenizer));
  const session = await createSession(pack.path(manifest.embedder));
  await requireEmbedder(session, manifest);
  const embed = createEmbedText(session, tokenizer, manifest.width);
  let last: { readonly key: string; readonly rewrites: readonly string[] } | undefined;

  const rewritesOf = async (request: AlignRequest, signal: AbortSignal | undefined): Promise<readonly string[]> => {
    const key = JSON.stringify([request.criterion, request.exchange, request.verdict?.spans]);
    if (last?.key === key) return last.rewrites;
    const sources: ProposalSources = {
      bank,
      embed,
      sentenceThreshold: manifest.sentenceThresholds[request.criterion] ?? 1,
      leastSimilarity: manifest.leastSimilarity,
    };
    const rewrites = await rewrite(request, sources, inspector, signal);
    last = { key, rewrites };
    return rewrites;
  };

  const dispose = async (): Promise<void> => {
    last = undefined;
    await session.dispose();
  };

  return {
    contract: 'aligner/1',
    version: `${pack.manifest.name}@${pack.manifest.version}`,
    criteria: manifest.criteria,
    abilities: { maxCandidates, deterministic: true },
    async *align(request: AlignRequest, { signal }: AlignerOptions = {}): AsyncGenerator<AlignEvent> {
      signal?.throwIfAborted();
      requireServed(manifest, request.criterion);
      const exchange = parseExchange(request.exchange);
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

async function requireEmbedder(session: OnnxSession, { embedder }: AlignerManifest): Promise<void> {
  if (session.outputNames.includes('embedding')) return;
  await session.dispose();
  throw new AlignSquadError(`Expected ${embedder} to give \`embedding\`.`, { code: 'pack-invalid' });
}

function requireServed({ criteria }: AlignerManifest, criterion: string): void {
  if (criteria.includes(criterion)) return;
  throw new AlignSquadError(`The pack does not align to that criterion; it serves ${criteria.join(', ')}.`, { code: 'unknown-criterion' });
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
