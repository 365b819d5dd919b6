import type { CriterionEvaluation, FixEvaluation, KeepEvaluation, SquadEvaluation } from '@align-squad/eval';
import type { PackMeasurement, TripleCounts } from './measurement.js';

const outcomes = { clean: 1, aligned: 2, unfixed: 1, blocked: 0, error: 0, timeout: 0 };
const rewrites = { texts: 2, charactersKept: 0.75, editDistance: 0.25, goodSentencesKept: 0.96, goodSentences: 25, viewpointsKept: null, viewpoints: 0, diversityKept: null };

const fixes: FixEvaluation = { texts: 4, outcomes, alignedShare: 0.5, alignedShareInterval: { low: 0.15, high: 0.85 }, rewrites };
const kept: KeepEvaluation = { texts: 50, outcomes, changed: 1, changedShare: 0.02, changedShareInterval: { low: 0.004, high: 0.105 }, rewrites };

/** A made-up result of one criterion. */
export function criterionResult(auroc: number | null): CriterionEvaluation {
  const metrics = { rows: 8, positives: 4, negatives: 4, unjudged: 0, auroc, auprc: auroc, f1: 0.8, precision: 0.8, recall: 0.75, falsePositiveRate: 0.25, falsePositiveRateBound: 0.75, calibrationError: null };
  return {
    ...metrics,
    aurocInterval: auroc === null ? null : { low: auroc - 0.01, high: auroc + 0.01 },
    threshold: 0.5,
    reliability: null,
    roc: null,
    thresholds: null,
    histogram: { aligned: [4], misaligned: [4] },
    slices: [{ by: 'source', name: 'a|b', ...metrics }],
  };
}

function squadResult(): SquadEvaluation {
  const none = { texts: 0, p50Ms: null, p95Ms: null };
  return {
    schemaVersion: 1,
    criteria: ['ethical'],
    misaligned: fixes,
    aligned: kept,
    latency: { all: { texts: 54, p50Ms: 8.25, p95Ms: 30 }, clean: none, aligned: none },
    slices: [{ by: 'criterion', name: 'ethical', misaligned: fixes, aligned: kept }],
    samples: [],
  };
}

const counts: TripleCounts = { records: 12, byCriterion: { ethical: { records: 12, identity: 2, withContext: 0 } }, oneFaultySentence: 5, misaligned: 10 };

/** A small made-up measurement, with names that are markup. */
export function madeUpMeasurement(changes: Partial<PackMeasurement> = {}): PackMeasurement {
  const sha256 = 'ab'.repeat(32);
  return {
    schemaVersion: 1,
    pack: {
      name: '@made/up-<b>pack</b>|*x*',
      version: '1.2.3',
      sha256,
      bytes: 8_600_000,
      language: 'en',
      license: 'Apache-2.0',
      description: 'A [made](http://up) pack.',
      files: { 'onnx/model_quantized.onnx': 8_000_000, 'config.json': 700 },
      encoder: { layers: 2, width: 64, vocabulary: 1000, ngramBuckets: 4096 },
      experts: [],
      maxTokens: 320,
      heads: [{ criterion: 'ethical', needsContext: false, threshold: 0.5 }, { criterion: 'made_up', needsContext: true, threshold: 0.25 }],
      training: { seed: 7 },
      replacements: [{ kind: 'sentence', criterion: 'ethical', texts: 3 }],
    },
    machine: { cpu: 'a | processor', cores: 2, memoryGiB: 8, platform: 'linux x64', node: 'v20.20.2' },
    triples: {
      schemaVersion: 1,
      data: { files: ['dev_set.jsonl'], sha256, rows: 54 },
      inspector: { schemaVersion: 1, version: 'made-up', rows: 54, criteria: { ethical: criterionResult(0.9599), made_up: criterionResult(null) } },
      squad: squadResult(),
    },
    ownCriterion: { ethical: { misaligned: fixes, aligned: kept } },
    alreadyAligned: kept,
    factualWithContext: criterionResult(0.9),
    diaSafety: { name: 'DiaSafety', file: 'dia.jsonl.gz', sha256, rows: 8, result: criterionResult(0.81) },
    cleanCalls: { exchanges: 2, calls: 10, medianCharacters: 200, p50Ms: 9.99, p95Ms: 20, loadAverage: 1.5 },
    sets: [
      { name: 'align-squad triples', license: 'Apache-2.0', source: 'here', rows: 12, use: 'training' },
      { name: 'DiaSafety', license: 'Apache-2.0', source: 'Sun | 2022', rows: 9, counted: { rows: 10, splits: { train: 7, val: 3 } } },
      { name: 'a <new> set', license: 'MIT', source: 'a_b' },
    ],
    splits: { train: counts, dev: counts, calibration: 1, promptsInTrain: 0 },
    ...changes,
  };
}
