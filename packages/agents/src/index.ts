export { createAlignGuardrail, type AlignGuardrail, type AlignGuardrailOptions } from './align-guardrail.js';
export { alignModel, alignModelProvider, type AlignModelOptions } from './align-model.js';
