import { createSquad } from './create-squad.js';
import { shareSquad, type SharedSquad } from './share-squad.js';

/** The squad of the embedded pack behind `alignSquad`, `alignStream` and `inspect`; loaded by the first call. */
export const sharedSquad: SharedSquad = shareSquad(() => createSquad());
