import { z } from 'zod';
import type { Triple } from '../../records/records.js';
import { foldSpace } from '../fold-text.js';
import { createHashSet } from '../hash-set.js';
import { hashText, type TextHash } from '../hash-text.js';
import { duplicateScope } from './duplicate-scope.js';
import { defineFilter, type FilterDefinition } from './filter.js';

/** Drops prompts that were there before, case and white space aside; holds 16 to 32 bytes a record. */
export const exactDuplicates: FilterDefinition = defineFilter({
  name: 'exact-duplicates',
  description: 'Prompts that were there before, case and white space aside.',
  params: z.strictObject({}),
  create() {
    const seen = createHashSet();
    const hashOf = (record: Triple): TextHash => hashText(`${duplicateScope(record)}\n${foldSpace(record.prompt)}`);
    return {
      reject: (record) => (seen.has(hashOf(record)) ? 'the prompt was there before' : undefined),
      remember: (record) => seen.add(hashOf(record)),
    };
  },
});
