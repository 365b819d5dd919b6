import { AlignSquadError } from '@align-squad/core';
import { contextCopied } from './context-copied.js';
import { exactDuplicates } from './exact-duplicates.js';
import type { FilterDefinition } from './filter.js';
import { genericCritique } from './generic-critique.js';
import { language } from './language.js';
import { leakedPrompt } from './leaked-prompt.js';
import { length } from './length.js';
import { markup } from './markup.js';
import { nearDuplicates } from './near-duplicates.js';
import { noCorrection } from './no-correction.js';
import { noise } from './noise.js';
import { paper } from './paper.js';
import { similarPair } from './similar-pair.js';
import { unchanged } from './unchanged.js';

/** All cleaning filters. */
export const filterDefinitions: readonly FilterDefinition[] = [
  noise,
  length,
  language,
  markup,
  leakedPrompt,
  genericCritique,
  noCorrection,
  unchanged,
  contextCopied,
  similarPair,
  paper,
  exactDuplicates,
  nearDuplicates,
];

/** What suits any criterion: all filters but those for inspectors or for contexts, `language` and `paper`. */
export const defaultFilters: readonly string[] = [
  'noise',
  'length',
  'markup',
  'leaked-prompt',
  'generic-critique',
  'no-correction',
  'unchanged',
  'exact-duplicates',
  'near-duplicates',
];

// The names that criteria of schema version 1 use.
const otherNames: ReadonlyMap<string, string> = new Map([
  ['near-duplicate', 'near-duplicates'],
  ['similar-correction', 'similar-pair'],
]);

/**
 * The filter of a name.
 * @throws AlignSquadError `invalid-options` listing the known names.
 */
export function findFilter(name: string): FilterDefinition {
  const wanted = otherNames.get(name) ?? name;
  const found = filterDefinitions.find((definition) => definition.name === wanted);
  if (found) return found;
  const shown = /^[\w-]{1,40}$/.test(name) ? ` ${name}` : '';
  const known = filterDefinitions.map((definition) => definition.name).join(', ');
  throw new AlignSquadError(`There is no cleaning filter${shown}. Known filters: ${known}.`, { code: 'invalid-options' });
}
