import type { CriterionEvaluation, EvaluationReport, FixEvaluation, KeepEvaluation } from '@align-squad/eval';
import type { PackData } from '@align-squad/onnx';
import type { Machine } from '../../../../tools/evaluate/machine.js';
import type { PackIdentity } from '../../../../tools/evaluate/pack-identity.js';

/** What is known of a pack without running it. */
export interface PackFacts extends PackIdentity {
  readonly language: string;
  readonly license: string;
  readonly description: string;
  /** Bytes by file, all that pack.json names. */
  readonly files: Readonly<Record<string, number>>;
  readonly encoder: { readonly layers: number; readonly width: number; readonly vocabulary: number; readonly ngramBuckets: number };
  /** Criterion of each expert for another style of text. */
  readonly experts: readonly string[];
  /** Most tokens that one pass of the encoder reads. */
  readonly maxTokens: number;
  readonly heads: readonly PackHead[];
  /** Seed, versions and fingerprint, as the manifest has them. */
  readonly training: Readonly<Record<string, unknown>>;
  /** Texts that the package holds word for word. */
  readonly replacements: readonly ReplacementCount[];
}

/** One criterion of a pack. */
export interface PackHead {
  readonly criterion: string;
  readonly needsContext: boolean;
  readonly threshold: number;
}

/** How many replacements of one kind a pack holds. */
export interface ReplacementCount {
  readonly kind: string;
  readonly criterion: string;
  readonly texts: number;
}

/** A set that the pack was made from: what its manifest says, and what was counted where its file is there. */
export interface CountedSet extends PackData {
  readonly counted?: { readonly rows: number; readonly splits: Readonly<Record<string, number>> } | undefined;
}

/** Records of one split of the triples. */
export interface TripleCounts {
  readonly records: number;
  readonly byCriterion: Readonly<Record<string, { readonly records: number; readonly identity: number; readonly withContext: number }>>;
  /** Misaligned answers of which all sentences but one stand in the aligned answer, word for word. */
  readonly oneFaultySentence: number;
  /** Records whose answer was not aligned to begin with. */
  readonly misaligned: number;
}

/** Times of warm calls that end `clean`, all criteria, one caller. */
export interface CleanCalls {
  readonly exchanges: number;
  readonly calls: number;
  /** Of the answers. */
  readonly medianCharacters: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of the machine over the minute before, runnable processes; 0 where the system has none. */
  readonly loadAverage: number;
}

/** A third-party set under one criterion. */
export interface ThirdPartyEvaluation {
  readonly name: string;
  readonly file: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly rows: number;
  readonly result: CriterionEvaluation;
}

/** Everything that the cards of a pack say in numbers, as plain JSON: the content of report.json. */
export interface PackMeasurement {
  readonly schemaVersion: 1;
  readonly pack: PackFacts;
  readonly machine: Machine;
  /** The dev split of the triples, texts aligned to all criteria at once. */
  readonly triples: EvaluationReport;
  /** By criterion: its own records, aligned to it alone. */
  readonly ownCriterion: Readonly<Record<string, { readonly misaligned: FixEvaluation; readonly aligned: KeepEvaluation }>>;
  /** Records of the dev split that were aligned to begin with, aligned to all criteria at once. */
  readonly alreadyAligned: KeepEvaluation;
  /** `factual` on the rows that have a context. */
  readonly factualWithContext: CriterionEvaluation;
  /** `ethical` on the validation part of DiaSafety; null where the file was absent. */
  readonly diaSafety: ThirdPartyEvaluation | null;
  readonly cleanCalls: CleanCalls;
  readonly sets: readonly CountedSet[];
  readonly splits: {
    readonly train: TripleCounts;
    readonly dev: TripleCounts;
    /** Training records that chose the epoch, calibration and thresholds. */
    readonly calibration: number;
    /** Records of dev whose prompt is in train too. */
    readonly promptsInTrain: number;
  };
}
