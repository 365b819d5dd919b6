// Measures the pack on the dev split of the triples, beside an n-gram baseline: npm run evaluate -- --help
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import type { TripleRecord } from '@align-squad/eval';
import { trainNgramBaseline } from './evaluate/baseline/ngram-baseline.js';
import { packDirectory } from '@align-squad/pack-en';
import { createSquad } from 'align-squad';
import { formatReport } from './evaluate/format-report.js';
import { judgeRecords, type JudgedRecord } from './evaluate/judge-records.js';
import { describeMachine } from './evaluate/machine.js';
import { parseEvaluateArguments, usage, type EvaluateOptions } from './evaluate/options.js';
import { identifyPack } from './evaluate/pack-identity.js';
import { createProgress } from './evaluate/progress.js';
import { countSharedPrompts, readTriples } from './evaluate/read-triples.js';
import { createReport } from './evaluate/report.js';
import { drawSamples, formatSample } from './evaluate/samples.js';

const folder = new URL('../data/triples/', import.meta.url);
const progress = createProgress(process.stderr);

async function evaluate(options: EvaluateOptions): Promise<void> {
  const pack = await identifyPack(options.pack ?? packDirectory);
  const file = options.data ?? new URL('dev.jsonl', folder);
  const { records: everyRecord, sha256 } = await readTriples(file);
  const records = everyRecord.slice(0, options.limit);
  const train = await readTriples(new URL('train.jsonl', folder));
  progress('training the n-gram baseline');
  const baseline = trainNgramBaseline(train.records);
  const judged = await judge(records, options);
  const data = {
    file: basename(String(file)),
    sha256,
    records: records.length,
    promptsInTrain: countSharedPrompts(records, train.records),
  };
  const report = createReport({ pack, data, machine: describeMachine(), judged, baseline });
  progress('');
  process.stdout.write(`${formatReport(report)}\n`);
  for (const sample of drawSamples(judged, options.samples)) process.stdout.write(`\n${formatSample(sample)}`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

async function judge(records: readonly TripleRecord[], options: EvaluateOptions): Promise<JudgedRecord[]> {
  const squad = await createSquad({ pack: options.pack });
  try {
    return await judgeRecords(records, squad, {
      criteria: squad.criteria,
      onRecord: (done) => progress(`record ${done} of ${records.length}`),
    });
  } finally {
    await squad.dispose();
  }
}

try {
  const options = parseEvaluateArguments(process.argv.slice(2));
  if (options === undefined) process.stdout.write(usage);
  else await evaluate(options);
} catch (error) {
  if (!AlignSquadError.isInstance(error)) throw error;
  progress('');
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
