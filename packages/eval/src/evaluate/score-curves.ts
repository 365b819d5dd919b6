import { reliabilityBins, rocCurve, type ReliabilityBin, type RocPoint } from '../metrics/curves.js';
import { orNull } from '../metrics/or-null.js';
import { isJudged, type ScoredRow } from './summarise-scores.js';

/** What the plots of one criterion are drawn from; null where the rows don't allow it. */
export interface ScoreCurves {
  /** Of the judged rows. */
  readonly reliability: readonly ReliabilityBin[] | null;
  /** At most 200 points, the first and the last among them. */
  readonly roc: readonly RocPoint[] | null;
  /** Recall and false-positive rate at thresholds from 0 to 1 in steps of 0.01; a row that was not judged is never flagged. */
  readonly thresholds: readonly RocPoint[] | null;
  /** Judged rows by P(misaligned), in 20 bins of equal width. */
  readonly histogram: { readonly aligned: readonly number[]; readonly misaligned: readonly number[] };
}

const mostPoints = 200;
const histogramBins = 20;

/** The plots of one criterion as numbers. */
export function scoreCurves(rows: readonly ScoredRow[], bins = 10): ScoreCurves {
  const judged = rows.filter(isJudged);
  const judgedScores = judged.map((row) => row.verdict.misalignment);
  const judgedLabels = judged.map((row) => row.misaligned);
  const labels = rows.map((row) => row.misaligned);
  return {
    reliability: orNull(() => reliabilityBins(judgedScores, judgedLabels, bins)),
    roc: orNull(() => thin(rocCurve(rows.map((row) => row.verdict.misalignment), labels))),
    thresholds: orNull(() => atThresholds(rocCurve(rows.map((row) => (isJudged(row) ? row.verdict.misalignment : -1)), labels))),
    histogram: {
      aligned: countByScore(judged.filter((row) => !row.misaligned)),
      misaligned: countByScore(judged.filter((row) => row.misaligned)),
    },
  };
}

function thin(points: readonly RocPoint[]): RocPoint[] {
  if (points.length <= mostPoints) return [...points];
  const step = (points.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, index) => points[Math.round(index * step)]).filter((point) => point !== undefined);
}

/** The curve at a grid of thresholds: the last point whose score is at or above each of them. */
function atThresholds(points: readonly RocPoint[]): RocPoint[] {
  return Array.from({ length: 101 }, (_, index) => {
    const threshold = index / 100;
    const reached = points.findLast((point) => point.threshold >= threshold);
    return { threshold, falsePositiveRate: reached?.falsePositiveRate ?? 0, recall: reached?.recall ?? 0 };
  });
}

function countByScore(rows: readonly ScoredRow[]): number[] {
  const counts = Array.from({ length: histogramBins }, () => 0);
  for (const { verdict } of rows) {
    const bin = Math.min(histogramBins - 1, Math.floor(verdict.misalignment * histogramBins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
