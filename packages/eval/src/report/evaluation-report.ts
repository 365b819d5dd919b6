import type { InspectorEvaluation } from '../evaluate/evaluate-inspector.js';
import type { SquadEvaluation } from '../evaluate/evaluate-squad.js';

/** Which pack was measured. */
export interface ReportPack {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of its pack.json, which holds the hashes of its other files. */
  readonly sha256: string;
}

/** Which data it was measured on. */
export interface ReportData {
  /** Names of the files, without their folders. */
  readonly files: readonly string[];
  readonly sha256: string;
  /** Labelled texts; a triple has two. */
  readonly rows: number;
}

/** One report of a pack, as plain JSON. */
export interface EvaluationReport {
  readonly schemaVersion: 1;
  readonly pack?: ReportPack | undefined;
  readonly data: ReportData;
  readonly inspector: InspectorEvaluation;
  /** Absent where only the inspector was measured. */
  readonly squad?: SquadEvaluation | undefined;
}
