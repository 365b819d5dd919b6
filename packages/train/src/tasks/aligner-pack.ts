import { createPackAligner, type AlignerManifest } from '@align-squad/aligner';
import { collectCorrection } from '@align-squad/core';
import { openPack } from '@align-squad/onnx';
import type { AlignerRecord } from '../data/read-records.js';
import { quantizedName } from '../packs/write-pack.js';
import { alignerFiles } from './aligner-network.js';
import type { AlignerStart } from './aligner-start.js';
import type { ResolvedTrainConfig } from './train-config.js';

// Held-out records that are rewritten to measure; each takes a decoding of its own.
const mostRewrites = 100;

/** The `aligner` section of the pack. */
export function alignerSection({ criteria }: ResolvedTrainConfig, { design, maxTokens, tokens }: AlignerStart): AlignerManifest {
  const [first = '', second = ''] = alignerFiles[design].map(quantizedName);
  const shared = {
    criteria: criteria.map(({ id }) => id),
    tokenizer: 'tokenizer.json',
    maxTokens,
    ...(tokens === undefined ? {} : { tokens }),
  };
  switch (design) {
    case 'decoder':
      return { design, model: first, ...shared };
    case 'encoder-decoder':
      return { design, encoder: first, decoder: second, ...shared };
    case 'edit-tagger':
      return { design, model: first, phrases: 'phrases.json', ...shared };
    default:
      return design satisfies never;
  }
}

/**
 * Rewrites held-out responses with the pack as it runs, in int8. `rewrites.exact`: share of the misaligned ones that
 * became their correction to the letter; `rewrites.identity`: share of the aligned ones that were left as they are.
 */
export async function measureRewrites(config: ResolvedTrainConfig, held: readonly AlignerRecord[], signal: AbortSignal | undefined): Promise<Record<string, number>> {
  await using aligner = await createPackAligner(await openPack(config.out));
  const criterion = config.criteria[0]?.id ?? '';
  const right = { exact: 0, identity: 0 };
  const asked = { exact: 0, identity: 0 };
  for (const { exchange, correction, identity } of held.slice(0, mostRewrites)) {
    signal?.throwIfAborted();
    const kind = identity ? 'identity' : 'exact';
    const result = await collectCorrection(aligner, { exchange, criterion }, { signal });
    // No rewrite leaves the response as it is.
    const response = result.outcome === 'rewritten' ? result.response : exchange.response;
    asked[kind] += 1;
    if (response === correction) right[kind] += 1;
  }
  return Object.fromEntries((['exact', 'identity'] as const).flatMap((kind) => (asked[kind] === 0 ? [] : [[`rewrites.${kind}`, right[kind] / asked[kind]]])));
}
