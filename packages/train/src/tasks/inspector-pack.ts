import { basename, resolve } from 'node:path';
import type { InspectorHead, InspectorManifest } from '@align-squad/inspector';
import type { PackManifest } from '@align-squad/onnx';
import { quantizeModel, writeModel, type ModelProto } from '@align-squad/onnx/graph';
import { calibrateHead, type HeadCalibration } from '../inspector/calibrate-heads.js';
import type { LabelledExchange, LayOut } from '../inspector/labelled-exchange.js';
import { headAurocs } from '../inspector/labelled-logits.js';
import { scoreExchanges, type ScoredExchange } from '../inspector/score-exchanges.js';
import type { ResolvedTrainConfig, TrainedCriterion } from './train-config.js';

const defaultFalsePositiveRate = 0.03;

/** What the int8 file of an inspector reaches, and the heads that follow. */
export interface MeasuredInspector {
  readonly heads: readonly InspectorHead[];
  /** P(misaligned) from which a sentence is faulty, by criterion; left out where no sentences were labelled. */
  readonly sentenceThresholds: Readonly<Record<string, number>>;
  /** AUROC by criterion and their mean, in int8 and float32. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Scores a model's float32 and int8 forms on held-out rows and calibrates its heads by the int8 form, which is what runs. */
export async function measureInspector(
  model: ModelProto,
  rows: readonly LabelledExchange[],
  options: { readonly config: ResolvedTrainConfig; readonly layOut: LayOut; readonly criteria: readonly TrainedCriterion[]; readonly signal: AbortSignal | undefined },
): Promise<MeasuredInspector> {
  const { criteria, config, layOut, signal } = options;
  const score = (file: Uint8Array): Promise<ScoredExchange[]> =>
    scoreExchanges(file, judged(rows, criteria), { layOut, heads: criteria.length, threads: config.threads, signal });
  const exact = headAurocs(await score(writeModel(model)), criteria.map(({ id }) => id));
  const rounded = await score(writeModel(quantizeModel(model)));
  const calibrated = criteria.map((criterion, head) => ({
    criterion,
    ...calibrateHead(rounded, criterion.id, head, criterion.falsePositiveRate ?? defaultFalsePositiveRate),
  }));
  const aurocs = headAurocs(rounded, criteria.map(({ id }) => id));
  return {
    heads: calibrated.map(({ criterion, ...calibration }) => toHead(criterion, calibration)),
    sentenceThresholds: Object.fromEntries(
      calibrated.flatMap(({ criterion, sentenceThreshold }) => (sentenceThreshold === undefined ? [] : [[criterion.id, sentenceThreshold]])),
    ),
    metrics: {
      ...Object.fromEntries(Object.entries(aurocs).map(([id, value]) => [`auroc.${id}`, value])),
      'auroc.mean.fp32': exact['mean'] ?? 0,
    },
  };
}

/** Labels of criteria that are not judged without a context, where there is none, do not count. */
function judged(rows: readonly LabelledExchange[], criteria: readonly TrainedCriterion[]): LabelledExchange[] {
  const grounded = new Set(criteria.filter(({ needsContext }) => needsContext === true).map(({ id }) => id));
  return rows.map((row) => {
    if ((row.exchange.context ?? '').trim() !== '') return row;
    return { ...row, labels: Object.fromEntries(Object.entries(row.labels).filter(([id]) => !grounded.has(id))) };
  });
}

/** The manifest's entry of a calibrated head. */
export function toHead(criterion: TrainedCriterion, { calibration, threshold }: HeadCalibration): InspectorHead {
  return { criterion: criterion.id, needsContext: criterion.needsContext ?? false, threshold, calibration, acrossStretches: 'max' };
}

/** What every trained pack says of itself. */
export function packManifest(
  config: ResolvedTrainConfig,
  sections: { readonly inspector?: InspectorManifest; readonly aligner?: object },
  training: { readonly fingerprint: string; readonly dataSha256: readonly string[]; readonly metrics: Readonly<Record<string, number>>; readonly measuredOn: number },
): Omit<PackManifest, 'files'> {
  const { pack } = config;
  const { metrics, fingerprint, dataSha256, measuredOn } = training;
  return {
    schemaVersion: 1,
    name: pack.name ?? basename(resolve(config.out)),
    version: pack.version ?? '0.1.0',
    language: pack.language ?? 'en',
    license: pack.license ?? 'UNLICENSED',
    ...(pack.description === undefined ? {} : { description: pack.description }),
    ...(sections.inspector === undefined ? {} : { inspector: { ...sections.inspector } }),
    ...(sections.aligner === undefined ? {} : { aligner: { ...sections.aligner } }),
    metrics: { how: `${measuredOn} held-out records that were not trained on; they chose the best weights and thresholds`, ...metrics },
    ...(pack.data === undefined ? {} : { data: pack.data }),
    training: {
      task: config.task,
      method: config.method,
      seed: config.seed,
      fingerprint,
      dataSha256: dataSha256.filter((hash) => hash !== ''),
      node: process.version,
    },
  };
}
