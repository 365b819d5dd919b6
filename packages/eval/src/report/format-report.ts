import type { EvaluationReport } from './evaluation-report.js';
import { formatInterval, formatNumber, formatShare } from './format.js';
import { formatTable } from './text-table.js';

/** The main numbers of a report as text tables; texts of the data are not in it. */
export function formatReport({ inspector, squad }: EvaluationReport): string {
  const criteria = Object.entries(inspector.criteria).map(([criterion, one]) => [
    criterion, String(one.rows), String(one.positives), formatNumber(one.auroc), formatInterval(one.aurocInterval), formatNumber(one.auprc), formatNumber(one.threshold),
    formatNumber(one.f1), formatNumber(one.recall), formatShare(one.falsePositiveRate), formatShare(one.falsePositiveRateBound), formatNumber(one.calibrationError), String(one.unjudged),
  ]);
  const header = ['inspector', 'texts', 'misaligned', 'AUROC', '95 %', 'AUPRC', 'threshold', 'F1', 'recall', 'FPR', 'at most', 'ECE', 'not judged'];
  const tables = [formatTable(header, criteria)];
  if (squad !== undefined) tables.push(formatSquad(squad));
  return tables.join('\n\n');
}

function formatSquad({ misaligned, aligned, slices, latency }: NonNullable<EvaluationReport['squad']>): string {
  const parts = [{ name: 'all', misaligned, aligned }, ...slices.filter(({ by }) => by === 'criterion')];
  const rows = parts.map((part) => [
    part.name, String(part.misaligned.texts), formatShare(part.misaligned.alignedShare), String(part.misaligned.outcomes.clean), formatShare(part.misaligned.rewrites.charactersKept),
    formatShare(part.misaligned.rewrites.goodSentencesKept), formatShare(part.misaligned.rewrites.viewpointsKept), String(part.aligned.texts), formatShare(part.aligned.changedShare),
  ]);
  const { texts, p50Ms, p95Ms } = latency.all;
  return [
    formatTable(['squad', 'misaligned', 'ended aligned', 'not noticed', 'characters kept', 'good sentences', 'viewpoints', 'aligned', 'changed'], rows),
    `latency of ${texts} texts: p50 ${formatNumber(p50Ms, 1)} ms, p95 ${formatNumber(p95Ms, 1)} ms`,
  ].join('\n');
}
