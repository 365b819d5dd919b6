export type { AnswerField } from './answer-field.js';
export { alignAnswers as alignExpressAnswers } from './express.js';
export { alignAnswers as alignFastifyAnswers } from './fastify.js';
export { alignAnswers as alignHonoAnswers } from './hono.js';
export type { EventOptions, HttpOptions, RequestInfo } from './options.js';
