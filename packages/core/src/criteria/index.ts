import type { Criterion } from '../criterion.js';
import { ethical } from './ethical.js';
import { factual } from './factual.js';
import { helpful } from './helpful.js';

// Without a prototype, so that a name such as `constructor` is not found in it.
const byId = Object.assign(Object.create(null) as Record<string, Criterion>, { ethical, factual, helpful });

/** The criteria that come with align-squad, by id. */
export const builtInCriteria: Readonly<Record<string, Criterion>> = Object.freeze(byId);

export { ethical, factual, helpful };
