// Makes the pack from the data and reports on it: npm run recipe [-- --from STAGE] [--threads N]. Under an hour on one core.
import { parseArgs } from 'node:util';
import { AlignSquadError } from '@align-squad/core';
import { trainEmbedder } from './embedder-stage.js';
import { writeInspectorData } from './inspector-data.js';
import { trainInspector } from './inspector-stage.js';
import { writePack } from './pack-stage.js';
import { createReport } from './report.js';
import { writeCards, writeMeasurement } from './report-stage.js';
import { writeUnfinishedThresholds } from './unfinished-stage.js';

const seed = 7;
const report = createReport();
const { values } = parseArgs({ options: { from: { type: 'string', default: 'data' }, threads: { type: 'string', default: '1' } } });
const threads = Number(values.threads);

const stages: readonly (readonly [string, () => Promise<void>])[] = [
  ['data', () => writeInspectorData(seed)],
  ['inspector', () => trainInspector(threads, report)],
  ['embedder', () => trainEmbedder({ epochs: 12, seed }, report)],
  ['pack', () => writePack(report)],
  ['unfinished', () => writeUnfinishedThresholds(report)],
  ['report', () => writeMeasurement(report)],
  ['cards', () => writeCards(report)],
];

const first = stages.findIndex(([name]) => name === values.from);
if (first < 0) {
  report(`Expected --from to be one of ${stages.map(([name]) => name).join(', ')}.`);
  process.exitCode = 2;
} else {
  try {
    for (const [name, run] of stages.slice(first)) {
      report(`stage ${name}`);
      await run();
    }
  } catch (error) {
    if (!AlignSquadError.isInstance(error)) throw error;
    report(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  }
}
