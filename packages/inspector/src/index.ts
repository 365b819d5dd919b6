export { createExchangeLayout, type ExchangeLayout, type FirstWindow } from './format/exchange-layout.js';
export {
  exchangeTokenIds,
  exchangeTokens,
  layoutTokenIds,
  type ExchangeTokenIds,
  type LayoutTokenIds,
  type LayoutTokenNames,
} from './format/special-ids.js';
export { tokenizeExchange, type ExchangeTokens, type SentenceTokens, type TextToIds } from './format/tokenize-exchange.js';
export { layoutWindows, type TokenWindow, type WindowLimits } from './format/layout-windows.js';
export { parseInspectorManifest, type InspectorHead, type InspectorManifest } from './pack/manifest.js';
export { createPackInspector, type PackInspector, type PackInspectorOptions } from './pack/pack-inspector.js';
export { createLlmInspector, type LlmInspectorOptions } from './llm/llm-inspector.js';
export { createClassifierInspector, type ClassifierInspector } from './classifier/classifier-inspector.js';
export type { ClassifierInspectorOptions, LabelMapping } from './classifier/options.js';
export type { ClassifierType } from './classifier/load-classifier.js';
export type { Environment } from './classifier/hub-settings.js';
export { createDecisionInspector, type DecisionInspectorOptions } from './decisions/decision-inspector.js';
export { cascade, type CascadeInspector } from './cascade/cascade.js';
export type { CascadeLink, CascadeOptions, SureBand } from './cascade/options.js';
export type { CascadeReport, LinkReport } from './cascade/tally.js';
export { createValidatorInspector, type ValidatorInspectorOptions } from './validator/validator-inspector.js';
export type { CheckFunction, CheckResult, ValidatorCheck } from './validator/checks.js';
export type { Judgement } from './contract/verdicts.js';
