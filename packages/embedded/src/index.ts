export { alignSquad, disposeDefaultSquad, inspect, type AlignSquadOptions, type InspectResponseOptions } from './align-squad.js';
export { alignStream, type AlignStreamOptions } from './align-stream.js';
export { bindSquad, type AdapterOptions, type BoundCallOptions, type BoundSquad, type BoundStreamOptions } from './bind-squad.js';
export type { ResponseOptions } from './call-squad.js';
export { createSquad, type CreateSquadOptions } from './create-squad.js';
export { criterionIds } from './criterion-ids.js';
export { defaultPack } from './default-pack.js';
export type { DisposableSquad } from './disposable-squad.js';
