export { createSquadFrom } from '../create-squad.js';
export type { LoadPackModels, PackModels } from '../pack-models.js';
export { doubleAligner, doubleInspector, doubleModels, doubleSquad } from './double-models.js';
export { leakCases, leakMark, leakText, type LeakCase } from './leak-cases.js';
