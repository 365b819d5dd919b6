export type { CandidateToken } from './answer-body.js';
export { chatCompletion, type ChatRequestBody } from './chat-answer.js';
export type { DecidedAnswers, DecisionRequestBody } from './decision-answer.js';
export { createFaultPlan, type Fault, type FaultPlan } from './fault-plan.js';
export { startOpenaiTestServer, type OpenaiTestServer, type OpenaiTestServerOptions } from './openai-test-server.js';
export { answeredLine } from './server-batches.js';
export type { ServerStatistics } from './server-statistics.js';
