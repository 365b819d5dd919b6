import { z } from 'zod';
import type { Triple } from '../../records/records.js';
import { hashText } from '../hash-text.js';
import { createMinHasher, signatureLength } from '../min-hash.js';
import { createSimilarityIndex } from '../similarity-index.js';
import { duplicateScope } from './duplicate-scope.js';
import { defineFilter, type FilterDefinition } from './filter.js';

const params = z.strictObject({
  /** Estimated Jaccard index of the shingles from which two prompts are near duplicates. */
  threshold: z.number().min(0.7).max(1).default(0.8),
  shingles: z.enum(['characters', 'words']).default('characters'),
  shingleSize: z.int().min(1).max(16).optional(),
});

/**
 * Drops prompts that hardly differ from an earlier one that was kept (min-hash with locality-sensitive hashing, linear time);
 * holds 260 to 520 bytes a record. The first one stays, so what is dropped depends on the order. Long prompts that differ in one
 * number or name count as near duplicates.
 */
export const nearDuplicates: FilterDefinition = defineFilter({
  name: 'near-duplicates',
  description: 'Prompts that hardly differ from an earlier one that was kept.',
  params,
  create(options) {
    const hasher = createMinHasher(options);
    const index = createSimilarityIndex(options);
    const signature = new Uint16Array(signatureLength);
    let signed: Triple | undefined;
    const sign = (record: Triple): Uint16Array => {
      if (record !== signed) hasher.sign(record.prompt, signature, hashText(duplicateScope(record))[0]);
      signed = record;
      return signature;
    };
    return {
      reject(record) {
        let isFound = false;
        index.visitSimilar(sign(record), () => (isFound = true));
        return isFound ? 'the prompt is close to an earlier one' : undefined;
      },
      remember: (record) => index.link(index.store(sign(record))),
    };
  },
});
