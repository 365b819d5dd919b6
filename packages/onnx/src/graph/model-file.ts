export { readModelFile } from './read-model-file.js';
export { writeModelFile, type WriteModelFileOptions } from './write-model-file.js';
