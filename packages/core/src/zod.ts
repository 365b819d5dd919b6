import * as names from './zod-names.js';

/** What the align-squad packages use of zod, in one file that loads fast; their builds import it in the place of zod. Not for others. */
export const z: typeof names = names;
