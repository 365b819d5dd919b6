import { AlignSquadError } from '@align-squad/core';
import { evaluateInspector, evaluateSquad, labelOf, readEvaluationRows, type CriterionEvaluation, type EvaluationData, type EvaluationRow } from '@align-squad/eval';
import { openPack } from '@align-squad/onnx';
import { describeMachine } from '../../../../tools/evaluate/machine.js';
import { identifyPack } from '../../../../tools/evaluate/pack-identity.js';
import { paths } from '../paths.js';
import type { Report } from '../report.js';
import { readTriples } from '../sources.js';
import { countSets, countSplits } from './count-data.js';
import { endOf } from './end-of.js';
import { measureCleanCalls } from './measure-clean-calls.js';
import type { PackFacts, PackMeasurement } from './measurement.js';
import { packFacts } from './pack-facts.js';
import { createPackSquad, type PackSquad } from './pack-squad.js';
import { readThirdPartyFile, validationRows } from './third-party-file.js';

const seed = 1;
const samples = 12;

/** What a measurement works with. */
interface Task extends Pick<PackSquad, 'inspector' | 'squad'> {
  readonly data: EvaluationData;
  readonly report: Report;
}

/**
 * Measures the published pack on the dev split of the triples and, where it is there, on the validation part of DiaSafety.
 * @throws AlignSquadError a `pack-` code for a pack that can't be opened, `pack-hash-mismatch` when it changed meanwhile,
 * `invalid-dataset` for data that can't be read.
 */
export async function measurePack(report: Report): Promise<PackMeasurement> {
  const identity = await identifyPack(paths.pack);
  const pack = await openPack(paths.pack);
  const facts = await packFacts(pack, identity);
  const data = await readEvaluationRows([`${paths.triples}dev.jsonl`]);
  const sets = await countSets(pack.manifest.data ?? [], report);
  const splits = await countSplits();
  await using models = await createPackSquad(pack);
  const { squad, inspector } = models;
  const task: Task = { squad, inspector, data, report };
  const measured = { ...(await measureTriples(task, facts)), diaSafety: await measureDiaSafety(task), cleanCalls: await measureCleanCalls(squad, data.rows) };
  if ((await identifyPack(paths.pack)).sha256 !== identity.sha256) {
    throw new AlignSquadError('The pack changed while it was measured: run this again when it is written.', { code: 'pack-hash-mismatch' });
  }
  return { schemaVersion: 1, pack: facts, machine: describeMachine(), ...measured, sets, splits };
}

type TripleResults = Pick<PackMeasurement, 'triples' | 'ownCriterion' | 'alreadyAligned' | 'factualWithContext'>;

async function measureTriples(task: Task, { name, version, sha256 }: PackFacts): Promise<TripleResults> {
  const { squad, data, report } = task;
  const { rows, ...origin } = data;
  const inspector = await endOf('inspector', evaluateInspector(task.inspector, rows, { seed }), report);
  const withContext = rows.filter(({ exchange }) => (exchange.context ?? '').trim() !== '');
  const factualWithContext = await measureCriterion(task, withContext, { name: 'inspector, with a context', criterion: 'factual' });
  const all = await endOf('squad, all criteria', evaluateSquad(squad, rows, { seed, samples }), report);
  const ownCriterion: Record<string, Pick<typeof all, 'misaligned' | 'aligned'>> = {};
  for (const criterion of all.criteria) {
    const own = rows.filter((row) => labelOf(row, criterion) !== undefined);
    const { misaligned, aligned } = await endOf(`squad, ${criterion} alone`, evaluateSquad(squad, own, { criteria: [criterion], seed }), report);
    ownCriterion[criterion] = { misaligned, aligned };
  }
  const identity = new Set((await readTriples('dev')).filter((triple) => triple.identity).map(({ id }) => id));
  const already = rows.filter(({ id }) => identity.has(id));
  const { aligned: alreadyAligned } = await endOf('squad, aligned to begin with', evaluateSquad(squad, already, { seed }), report);
  const triples = { schemaVersion: 1, pack: { name, version, sha256 }, data: { ...origin, rows: rows.length }, inspector, squad: all } as const;
  return { triples, ownCriterion, alreadyAligned, factualWithContext };
}

async function measureDiaSafety(task: Task): Promise<PackMeasurement['diaSafety']> {
  const file = await readThirdPartyFile('labels-ethical-diasafety');
  if (file === undefined) {
    task.report('DiaSafety is not there: not measured');
    return null;
  }
  const rows = validationRows(file, 'ethical');
  const result = await measureCriterion(task, rows, { name: 'inspector, DiaSafety', criterion: 'ethical' });
  return { name: 'DiaSafety', file: file.file, sha256: file.sha256, rows: rows.length, result };
}

async function measureCriterion(task: Task, rows: readonly EvaluationRow[], { name, criterion }: { readonly name: string; readonly criterion: string }): Promise<CriterionEvaluation> {
  const { criteria } = await endOf(name, evaluateInspector(task.inspector, rows, { criteria: [criterion], seed }), task.report);
  const result = criteria[criterion];
  if (result === undefined) throw new AlignSquadError(`The inspector was not measured under \`${criterion}\`.`, { code: 'unknown-criterion' });
  return result;
}
