import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import type { EvaluatedInspector, EvaluationData, EvaluationReport, EvaluationRow, InspectorEvaluation, SquadEvaluation } from '@align-squad/eval';
import type { Pack } from '@align-squad/onnx';
import { criterionIds, type DisposableSquad } from '@align-squad/embedded';
import { parseEvalOptions, type DataOptions, type EvalOptions, type RawEvalOptions } from './eval-options.js';
import { createEvalProgress, type EvalProgress } from './eval-progress.js';
import type { CliIo } from './io.js';
import { requireWritable, writeOutputFile } from './output-file.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** `align-squad eval`: measures a pack on labelled data; gives the exit code. */
export async function runEval(raw: RawEvalOptions, io: CliIo): Promise<number> {
  const options = parseEvalOptions(raw);
  const { html, json } = options;
  if (html !== undefined) await requireWritable(html, '--html');
  if (json !== undefined && json !== '-') await requireWritable(json, '--json');
  const { formatReport, renderReport } = await import('@align-squad/eval');
  const report = await evaluatePack(options, io);
  if (html !== undefined) await writeOutputFile(html, renderReport(report), '--html');
  if (json !== undefined && json !== '-') await writeOutputFile(json, `${JSON.stringify(report, null, 2)}\n`, '--json');
  await createWriter(io.stdout)(json === '-' ? jsonLine(report) : `${visible(formatReport(report))}\n`);
  return 0;
}

/** Opens the pack and reads the data that the options name; what is wrong with them is said before any work. */
export async function openPackAndData({ pack, data, criteria }: DataOptions, io: CliIo): Promise<{ readonly pack: Pack; readonly data: EvaluationData }> {
  const [{ openPack }, { readEvaluationRows }] = await Promise.all([import('@align-squad/onnx'), import('@align-squad/eval')]);
  const opened = await openPack(pack ?? (await io.defaultPack()), { signal: io.signal });
  if (opened.manifest.inspector === undefined) throw new AlignSquadError('The pack has no `inspector` section, so there is nothing to measure.', { code: 'pack-invalid' });
  const [only, ...more] = criteria ?? [];
  const criterion = more.length === 0 ? only : undefined;
  return { pack: opened, data: await readEvaluationRows(data, { criterion, signal: io.signal }) };
}

async function evaluatePack(options: EvalOptions, io: CliIo): Promise<EvaluationReport> {
  const { pack, data } = await openPackAndData(options, io);
  const rows = firstRecords(data.rows, options.limit);
  const progress = createEvalProgress({ stderr: io.stderr, isQuiet: options.isQuiet });
  const { packVersion } = await import('@align-squad/onnx');
  const squad = await io.createSquad(options.pack === undefined ? {} : { pack: options.pack });
  try {
    io.signal.throwIfAborted();
    criterionIds(options.criteria, squad.criteria);
    const task: Task = { squad, rows, options, signal: io.signal, progress };
    const inspector = await measureInspector(task, packVersion(pack.manifest));
    // Without an aligner a squad rewrites nothing, and there is nothing to measure.
    const measured = pack.manifest.aligner === undefined ? {} : { squad: await measureSquad(task) };
    const { name, version } = pack.manifest;
    const sha256 = createHash('sha256').update(await readFile(join(pack.directory, 'pack.json'))).digest('hex');
    const { files, sha256: dataSha256 } = data;
    return { schemaVersion: 1, pack: { name, version, sha256 }, data: { files, sha256: dataSha256, rows: rows.length }, inspector, ...measured };
  } finally {
    progress.stop();
    await squad.dispose();
  }
}

interface Task {
  readonly squad: DisposableSquad;
  readonly rows: readonly EvaluationRow[];
  readonly options: EvalOptions;
  readonly signal: AbortSignal;
  readonly progress: EvalProgress;
}

async function measureInspector({ squad, rows, options: { criteria, seed }, signal, progress }: Task, version: string): Promise<InspectorEvaluation> {
  const { evaluateInspector } = await import('@align-squad/eval');
  const inspector: EvaluatedInspector = {
    version,
    criteria: squad.criteria,
    abilities: { maxBatchSize: 32, deterministic: true },
    inspect: (exchanges, call) => squad.inspectMany(exchanges, call),
  };
  for await (const event of evaluateInspector(inspector, rows, { criteria, seed, signal })) {
    if (event.type === 'end') return event.evaluation;
    progress.show('inspector', event.done, event.total);
  }
  throw unended();
}

async function measureSquad({ squad, rows, options: { criteria, seed, samples }, signal, progress }: Task): Promise<SquadEvaluation> {
  const { evaluateSquad } = await import('@align-squad/eval');
  for await (const event of evaluateSquad(squad, rows, { criteria, seed, samples, signal })) {
    if (event.type === 'end') return event.evaluation;
    progress.show('squad', event.done, event.total);
  }
  throw unended();
}

/** The rows of the first records; a triple has two of one id. */
function firstRecords(rows: readonly EvaluationRow[], limit = Infinity): readonly EvaluationRow[] {
  const ids = new Set<string>();
  return rows.filter(({ id }) => {
    if (ids.size < limit) ids.add(id);
    return ids.has(id);
  });
}

function unended(): AlignSquadError {
  return new AlignSquadError('The evaluation ended without a result.', { code: 'inspector-failed' });
}
