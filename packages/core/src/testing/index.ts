export { type Scripted, type ScriptedFailure } from './script.js';
export {
  scriptedInspector,
  type ExpectedInspection,
  type InspectorCall,
  type InspectorStep,
  type ScriptedInspectorOptions,
} from './scripted-inspector.js';
export {
  scriptedAligner,
  type AlignerStep,
  type ExpectedRewrite,
  type ScriptedAlignerOptions,
} from './scripted-aligner.js';
export {
  scriptedGenerator,
  type ExpectedGeneration,
  type GeneratorStep,
  type ScriptedGeneratorOptions,
} from './scripted-generator.js';
export { functionInspector, type FunctionInspectorOptions, type ScoreFunction } from './function-inspector.js';
export { functionAligner, type FunctionAlignerOptions, type RewriteFunction } from './function-aligner.js';
export { functionGenerator, type CompleteFunction, type FunctionGeneratorOptions } from './function-generator.js';
export { oddTexts, type ConformanceCase, type Subjects } from './conformance.js';
export { inspectorConformance, type InspectorConformanceOptions } from './inspector-conformance.js';
export { alignerConformance, type AlignerConformanceOptions } from './aligner-conformance.js';
export { generatorConformance, type GeneratorConformanceOptions, type GeneratorLimit } from './generator-conformance.js';
