export type { AnswerField } from './answer-field.js';
export type { EventOptions, HttpOptions, RequestInfo } from './options.js';
