export { createLlamaGenerator, type LlamaGenerator, type LlamaGeneratorOptions } from './llama-generator.js';
