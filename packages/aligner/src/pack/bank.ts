import { AlignSquadError, parseWith } from '@align-squad/core';
import type { Pack } from '@align-squad/onnx';
import { z } from 'zod';
import type { SentenceEditsManifest } from './manifest.js';
import { dot } from './text-vectors.js';

/** A text that once replaced a faulty one: a sentence of an answer, or a whole answer. */
export interface Replacement {
  readonly kind: 'sentence' | 'response';
  /** The criterion of the answer that it corrected; a whole answer serves all. */
  readonly criterion: string;
  readonly text: string;
}

/** A replacement and the cosine between what it is for and what is asked. */
export interface Found {
  readonly text: string;
  readonly similarity: number;
}

/** What a search of the bank asks for. */
export interface BankQuery {
  readonly kind: Replacement['kind'];
  /** Only replacements of this criterion. @default any */
  readonly criterion?: string | undefined;
  readonly leastSimilarity: number;
  readonly count: number;
}

/** Replacements that are found by vector. */
export interface Bank {
  /** The nearest replacements, best first. `vector` has length 1. */
  search(vector: Float32Array, query: BankQuery): Found[];
}

const bankSchema: z.ZodType<{ readonly replacements: readonly Replacement[] }> = z.strictObject({
  replacements: z.array(z.strictObject({ kind: z.enum(['sentence', 'response']), criterion: z.string(), text: z.string().min(1) })),
});

/**
 * Loads the replacements of a pack.
 * @throws AlignSquadError `pack-invalid` when file and vectors do not belong together.
 */
export async function loadBank(pack: Pack, manifest: SentenceEditsManifest): Promise<Bank> {
  const { replacements } = parseWith(bankSchema, await pack.readJson(manifest.bank), {
    what: `replacements in ${manifest.bank}`,
    code: 'pack-invalid',
  });
  const bytes = await pack.readBytes(manifest.vectors);
  if (bytes.length !== replacements.length * manifest.width) {
    throw new AlignSquadError(
      `Expected ${manifest.vectors} to hold ${replacements.length} vectors of ${manifest.width} bytes, got ${bytes.length} bytes.`,
      { code: 'pack-invalid' },
    );
  }
  const vectors = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    search: (vector, { kind, criterion, leastSimilarity, count }) =>
      replacements
        .flatMap((replacement, index): Found[] => {
          if (replacement.kind !== kind || (criterion !== undefined && replacement.criterion !== criterion)) return [];
          const similarity = dot(vector, vectors, index * manifest.width) / 127;
          return similarity >= leastSimilarity ? [{ text: replacement.text, similarity }] : [];
        })
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, count),
  };
}
