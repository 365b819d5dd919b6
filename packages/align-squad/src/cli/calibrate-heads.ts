import type { InspectorHead, InspectorManifest } from '@align-squad/inspector';
import type { EvaluationRow, PlattScaling, ScoredEvaluationRow, ThresholdCalibration } from '@align-squad/eval';
import type { Pack, PackManifest } from '@align-squad/onnx';
import type { EvalProgress } from './eval-progress.js';

/** What a calibration works with. */
export interface CalibrateHeadsOptions {
  readonly criteria?: readonly string[] | undefined;
  readonly targetFalsePositiveRate: number;
  readonly thresholdsOnly: boolean;
  readonly signal: AbortSignal;
  readonly progress: EvalProgress;
}

/** How a head was and is calibrated. */
export interface HeadChange extends ThresholdCalibration {
  readonly before: { readonly threshold: number; readonly falsePositiveRate: number; readonly calibrationError: number | null };
  readonly calibration: PlattScaling;
  /** False where there are too few records of one label to fit it, or only thresholds are set. */
  readonly isRefitted: boolean;
  readonly calibrationError: number | null;
}

/** A calibrated manifest with what changed, by criterion. */
export interface CalibratedPack {
  readonly manifest: PackManifest;
  readonly changes: Readonly<Record<string, HeadChange>>;
}

// Two parameters from fewer than these of each label would be noise.
const fewestToFit = 30;
const smallestScale = 0.05;
const widestLogit = 36;

type Scored = Readonly<Record<string, readonly ScoredEvaluationRow[]>>;

/**
 * Fits the probabilities of a pack's heads to labelled rows and sets their thresholds for a false-positive rate. What else
 * pack.json has in these probabilities moves with them: the thresholds of unfinished responses and of sentences.
 * @throws AlignSquadError `invalid-dataset` with too few aligned records, `unknown-criterion`, `pack-invalid`; the signal's reason.
 */
export async function calibrateHeads(pack: Pack, rows: readonly EvaluationRow[], options: CalibrateHeadsOptions): Promise<CalibratedPack> {
  const [{ parseInspectorManifest }, { calibrateThreshold, summariseScores }] = await Promise.all([import('@align-squad/inspector'), import('@align-squad/eval')]);
  const inspector = parseInspectorManifest(pack.manifest.inspector);
  const before = await scoreWith(pack, rows, options, 'inspector');
  const fits = options.thresholdsOnly ? new Map<string, PlattScaling>() : await fitScalings(before);
  const refitted = withScalings(pack.manifest, inspector, fits);
  // A mean over stretches does not move with the probabilities it is of, so they are scored anew.
  const after = fits.size === 0 ? before : await scoreWith({ ...pack, manifest: refitted }, rows, options, 'refitted inspector');
  const heads = parseInspectorManifest(refitted.inspector).heads;
  const changes: [string, HeadChange][] = [];
  for (const [criterion, scored] of Object.entries(after)) {
    const head = heads.find((one) => one.criterion === criterion);
    const old = inspector.heads.find((one) => one.criterion === criterion);
    if (head === undefined || old === undefined) continue;
    const { scores, labels } = judgedScores(scored);
    const found = await forCriterion(criterion, () => calibrateThreshold(scores, labels, options.targetFalsePositiveRate));
    const was = summariseScores((before[criterion] ?? []).filter(isJudged), { samples: 1 });
    const { calibrationError } = summariseScores(scored.filter(isJudged), { samples: 1 });
    const oldNumbers = { threshold: old.threshold, falsePositiveRate: was.falsePositiveRate ?? 0, calibrationError: was.calibrationError };
    changes.push([criterion, { ...found, before: oldNumbers, calibration: head.calibration, isRefitted: fits.has(criterion), calibrationError }]);
  }
  return { manifest: withThresholds(refitted, heads, new Map(changes.map(([criterion, { threshold }]) => [criterion, threshold]))), changes: Object.fromEntries(changes) };
}

async function forCriterion<T>(criterion: string, run: () => T): Promise<T> {
  const { AlignSquadError } = await import('@align-squad/core');
  try {
    return run();
  } catch (error) {
    if (!AlignSquadError.isInstance(error)) throw error;
    throw new AlignSquadError(`\`${criterion}\` can't be calibrated. ${error.message} Add records, raise \`--target-fpr\`, or name other \`--criteria\`.`, { code: error.code, cause: error });
  }
}

async function scoreWith(pack: Pack, rows: readonly EvaluationRow[], { criteria, signal, progress }: CalibrateHeadsOptions, stage: string): Promise<Scored> {
  const [{ createPackInspector }, { scoreRows }] = await Promise.all([import('@align-squad/inspector'), import('@align-squad/eval')]);
  const inspector = await createPackInspector(pack);
  try {
    let scored: Scored = {};
    for await (const event of scoreRows(inspector, rows, { criteria, signal })) {
      if (event.type === 'end') scored = event.scored;
      else progress.show(stage, event.done, event.total);
    }
    return scored;
  } finally {
    await inspector.dispose();
  }
}

const isJudged = ({ verdict }: ScoredEvaluationRow): boolean => verdict.status !== 'unknown';

function judgedScores(scored: readonly ScoredEvaluationRow[]): { readonly scores: number[]; readonly labels: boolean[] } {
  const judged = scored.filter(isJudged);
  return { scores: judged.map(({ verdict }) => verdict.misalignment), labels: judged.map(({ misaligned }) => misaligned) };
}

/** By criterion, what leads from the logit of the present probability to that of a better one. */
async function fitScalings(scored: Scored): Promise<Map<string, PlattScaling>> {
  const { fitPlattScaling } = await import('@align-squad/eval');
  const fits = new Map<string, PlattScaling>();
  for (const [criterion, rows] of Object.entries(scored)) {
    const { scores, labels } = judgedScores(rows);
    const positives = labels.filter(Boolean).length;
    if (Math.min(positives, labels.length - positives) < fewestToFit) continue;
    const fit = fitPlattScaling(scores.map(toLogit), labels);
    if (fit.scale >= smallestScale) fits.set(criterion, fit);
  }
  return fits;
}

function toLogit(probability: number): number {
  return Math.min(widestLogit, Math.max(-widestLogit, Math.log(probability) - Math.log1p(-probability)));
}

function withScalings(manifest: PackManifest, inspector: InspectorManifest, fits: ReadonlyMap<string, PlattScaling>): PackManifest {
  const heads = inspector.heads.map((head): InspectorHead => {
    const fit = fits.get(head.criterion);
    if (fit === undefined) return head;
    const { scale, bias } = head.calibration;
    const calibration = { scale: round(fit.scale * scale), bias: round(fit.scale * bias + fit.bias) };
    const { unfinishedThreshold } = head;
    return { ...head, calibration, ...(typeof unfinishedThreshold === 'number' ? { unfinishedThreshold: move(unfinishedThreshold, fit) } : {}) };
  });
  return { ...manifest, inspector: { ...manifest.inspector, heads }, ...alignerWith(manifest, fits) };
}

/** The thresholds of sentences of an aligner that edits them are probabilities of the inspector's heads. */
function alignerWith({ aligner }: PackManifest, fits: ReadonlyMap<string, PlattScaling>): Pick<PackManifest, 'aligner'> {
  const thresholds = aligner?.['sentenceThresholds'];
  if (typeof thresholds !== 'object' || thresholds === null) return {};
  const moved = Object.entries(thresholds).map(([criterion, threshold]: [string, unknown]) => {
    const fit = fits.get(criterion);
    return [criterion, fit === undefined || typeof threshold !== 'number' ? threshold : move(threshold, fit)] as const;
  });
  return { aligner: { ...aligner, sentenceThresholds: Object.fromEntries(moved) } };
}

function withThresholds(manifest: PackManifest, heads: readonly InspectorHead[], thresholds: ReadonlyMap<string, number>): PackManifest {
  const moved = heads.map((head) => ({ ...head, threshold: thresholds.get(head.criterion) ?? head.threshold }));
  return { ...manifest, inspector: { ...manifest.inspector, heads: moved } };
}

function move(probability: number, { scale, bias }: PlattScaling): number {
  return round(1 / (1 + Math.exp(-(scale * toLogit(probability) + bias))));
}

function round(value: number): number {
  return Number(value.toFixed(5));
}
