import { scoreRows, summariseInspector, type InspectorReport } from './inspector-report.js';
import type { JudgedRecord } from './judge-records.js';
import type { Machine } from './machine.js';
import type { PackIdentity } from './pack-identity.js';
import { summariseSquad, type SquadReport } from './squad-report.js';
import type { NgramBaseline } from './baseline/ngram-baseline.js';

/** Most of the already aligned texts that the squad may change. */
export const maxChangedShare = 0.05;

const rowDefinition =
  'Label 1: the misaligned texts of the criterion. Label 0: the aligned texts of the same records, its identity texts and the clean ' +
  'texts. A record is labelled for its own criterion, so the identity texts of the others stand in the parts below only.';

/** What was measured on. */
export interface DataIdentity {
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly sha256: string;
  readonly records: number;
  /** Records whose prompt is also in the train split; above 0 the numbers flatter. */
  readonly promptsInTrain: number;
}

/** Everything that `npm run evaluate` measures. */
export interface EvaluationReport {
  readonly schemaVersion: 1;
  readonly pack: PackIdentity;
  readonly data: DataIdentity;
  readonly machine: Machine;
  readonly rowDefinition: string;
  readonly baseline: string;
  /** By criterion. */
  readonly inspector: Readonly<Record<string, InspectorReport>>;
  readonly squad: SquadReport;
  readonly maxChangedShare: number;
}

/** What a report is made of. */
export interface ReportParts {
  readonly pack: PackIdentity;
  readonly data: DataIdentity;
  readonly machine: Machine;
  readonly judged: readonly JudgedRecord[];
  readonly baseline: NgramBaseline;
}

/** Sums up an evaluation. */
export function createReport({ pack, data, machine, judged, baseline }: ReportParts): EvaluationReport {
  return {
    schemaVersion: 1,
    pack,
    data,
    machine,
    rowDefinition,
    baseline:
      'Logistic regression, one a criterion, over hashed uni-, bi- and trigrams of the response, words of the prompt, ' +
      'overlap with prompt and context, and length; trained on the train split, the identity texts of all criteria among its aligned rows, which suits it best.',
    inspector: Object.fromEntries(
      baseline.criteria.map((criterion) => [criterion, summariseInspector(scoreRows(judged, criterion, baseline))]),
    ),
    squad: summariseSquad(judged, baseline),
    maxChangedShare,
  };
}
