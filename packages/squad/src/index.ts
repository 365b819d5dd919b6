export { createSquad, type Squad } from './create-squad.js';
export type { Acceptance, AlignOptions, SquadInspectOptions, SquadOptions, UnfixedPolicy } from './options.js';
export type { AlignResult, DiffPart, Outcome, Rejection, Step, Timing } from './result.js';
export { diffTexts } from './diff-texts.js';
