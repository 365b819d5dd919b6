export { alignFetch, type AlignFetchOptions, type ReportTarget } from './align-fetch.js';
export type { TextReport } from './aligned-texts.js';
export type { ContextOf } from './request.js';
