// Trains the base (rule 0) or a fine-tune of it: node ... train-toy.ts FOLDER RULE; prints JSON.
import { join } from 'node:path';
import { fineTune, trainBase } from './toy.js';

const [folder = '.', rule = '0'] = process.argv.slice(2);
const started = performance.now();
const base = join(folder, 'base');
if (rule === '0') await trainBase(base);
else await fineTune(base, Number(rule), join(folder, `rule-${rule}`));
process.stdout.write(`${JSON.stringify({ trainingSeconds: (performance.now() - started) / 1000 })}\n`);
