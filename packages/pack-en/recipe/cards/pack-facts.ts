import { parseWith } from '@align-squad/core';
import { parseInspectorManifest } from '@align-squad/inspector';
import type { Pack } from '@align-squad/onnx';
import { z } from 'zod';
import type { PackIdentity } from '../../../../tools/evaluate/pack-identity.js';
import type { PackFacts, ReplacementCount } from './measurement.js';

const configSchema = z.object({
  num_hidden_layers: z.int(),
  hidden_size: z.int(),
  vocab_size: z.int(),
  align_squad: z.object({ ngramBuckets: z.int(), experts: z.array(z.string()).optional() }),
});

const bankSchema = z.object({ replacements: z.array(z.object({ kind: z.string(), criterion: z.string() })) });

/** Collects what a pack's files say of it. @throws AlignSquadError `pack-invalid`. */
export async function packFacts(pack: Pack, identity: PackIdentity): Promise<PackFacts> {
  const { manifest } = pack;
  const config = parseWith(configSchema, await pack.readJson('config.json'), { what: 'the `config.json` of the pack', code: 'pack-invalid' });
  const bank = parseWith(bankSchema, await pack.readJson('replacements.json'), { what: 'the `replacements.json` of the pack', code: 'pack-invalid' });
  const inspector = parseInspectorManifest(manifest.inspector);
  return {
    ...identity,
    language: manifest.language,
    license: manifest.license,
    description: manifest.description ?? '',
    files: Object.fromEntries(Object.entries(manifest.files).map(([file, { bytes }]) => [file, bytes])),
    encoder: { layers: config.num_hidden_layers, width: config.hidden_size, vocabulary: config.vocab_size, ngramBuckets: config.align_squad.ngramBuckets },
    experts: config.align_squad.experts ?? [],
    maxTokens: inspector.limits.maxTokens,
    heads: inspector.heads.map(({ criterion, needsContext, threshold }) => ({ criterion, needsContext, threshold })),
    training: manifest.training ?? {},
    replacements: countReplacements(bank.replacements),
  };
}

function countReplacements(replacements: readonly { readonly kind: string; readonly criterion: string }[]): ReplacementCount[] {
  const counts = new Map<string, ReplacementCount>();
  for (const { kind, criterion } of replacements) {
    const key = JSON.stringify([kind, criterion]);
    counts.set(key, { kind, criterion, texts: (counts.get(key)?.texts ?? 0) + 1 });
  }
  return [...counts.values()];
}
