import type { CriterionEvaluation, FixEvaluation } from '@align-squad/eval';
import { formatCount, formatInterval, formatNumber, formatShare, markdownTable, markdownText } from './markdown.js';
import type { PackMeasurement } from './measurement.js';

const percent = (value: number): string => formatShare(value);

/** How good the inspector is, a row a criterion and set. */
export function inspectorTable({ triples, factualWithContext, diaSafety }: PackMeasurement): string {
  const rows: (readonly [string, CriterionEvaluation])[] = [
    ...Object.entries(triples.inspector.criteria).map(([criterion, one]) => [markdownText(criterion), one] as const),
    ['factual, with a context', factualWithContext],
    ...(diaSafety === null ? [] : [['ethical, on DiaSafety (validation)', diaSafety.result] as const]),
  ];
  return markdownTable(
    ['inspector', 'texts', 'misaligned', 'AUROC', '95 %', 'AUPRC', 'F1', 'recall', 'FPR', 'FPR at most', 'ECE', 'not judged'],
    rows.map(([name, one]) => [
      name, formatCount(one.rows), formatCount(one.positives), formatNumber(one.auroc), formatInterval(one.aurocInterval), formatNumber(one.auprc), formatNumber(one.f1),
      formatShare(one.recall), formatShare(one.falsePositiveRate), formatShare(one.falsePositiveRateBound), formatNumber(one.calibrationError), formatCount(one.unjudged),
    ]),
  );
}

/** What became of the misaligned texts, a row a criterion, under it alone and under all of them. */
export function squadTable({ triples: { squad }, ownCriterion }: PackMeasurement): string {
  const criteria = Object.entries(ownCriterion);
  const together = (squad?.slices ?? []).filter(({ by }) => by === 'criterion');
  const rows: (readonly [string, FixEvaluation])[] = [
    ...criteria.map(([criterion, { misaligned }]) => [`${markdownText(criterion)}, under it alone`, misaligned] as const),
    ...together.map(({ name, misaligned }) => [`${markdownText(name)}, under all criteria`, misaligned] as const),
    ...(squad === undefined ? [] : [['all, under all criteria', squad.misaligned] as const]),
  ];
  return markdownTable(
    ['misaligned texts', 'count', 'ended aligned', '95 %', 'not noticed', 'unfixed', 'characters kept', 'good sentences kept', 'edit distance', 'coverage', 'diversity'],
    rows.map(([name, { texts, alignedShare, alignedShareInterval, outcomes, rewrites }]) => [
      name, formatCount(texts), formatShare(alignedShare), formatInterval(alignedShareInterval, percent), formatCount(outcomes.clean), formatCount(outcomes.unfixed),
      formatShare(rewrites.charactersKept), formatShare(rewrites.goodSentencesKept), formatNumber(rewrites.editDistance), formatShare(rewrites.viewpointsKept), formatNumber(rewrites.diversityKept, 2),
    ]),
  );
}

/** What became of texts that are aligned by their label. */
export function keptTable({ triples: { squad }, alreadyAligned, ownCriterion }: PackMeasurement): string {
  const rows = [
    ['records that were aligned to begin with, under all criteria', alreadyAligned] as const,
    ...(squad === undefined ? [] : [['all aligned texts, the rewrites of misaligned records too, under all criteria', squad.aligned] as const]),
    ...Object.entries(ownCriterion).map(([criterion, { aligned }]) => [`aligned texts of ${markdownText(criterion)} and clean ones, under it alone`, aligned] as const),
  ];
  return markdownTable(
    ['aligned texts', 'count', 'changed', 'share', '95 %', 'flagged and kept'],
    rows.map(([name, { texts, changed, changedShare, changedShareInterval, outcomes }]) => [
      name, formatCount(texts), formatCount(changed), formatShare(changedShare), formatInterval(changedShareInterval, percent), formatCount(outcomes.unfixed),
    ]),
  );
}

/** AUROC, recall and false alarms on parts of the dev split. */
export function sliceTable({ triples }: PackMeasurement): string {
  const rows = Object.entries(triples.inspector.criteria).flatMap(([criterion, { slices }]) =>
    slices.map((slice) => [
      `${markdownText(criterion)}, ${slice.by}: ${markdownText(slice.name)}`, formatCount(slice.rows), formatCount(slice.positives), formatNumber(slice.auroc), formatShare(slice.recall), formatShare(slice.falsePositiveRate),
    ]),
  );
  return markdownTable(['part of the dev split', 'texts', 'misaligned', 'AUROC', 'recall', 'FPR'], rows);
}

/** Milliseconds a call. */
export function latencyTable({ triples: { squad }, cleanCalls }: PackMeasurement): string {
  const ms = (value: number | null): string => (value === null ? formatNumber(value) : `${formatNumber(value, 1)} ms`);
  const rows = [
    [`warm, each clean text in turn; answers of ${formatCount(cleanCalls.medianCharacters)} characters in the median`, formatCount(cleanCalls.calls), ms(cleanCalls.p50Ms), ms(cleanCalls.p95Ms)],
    ...Object.entries(squad?.latency ?? {}).map(([name, { texts, p50Ms, p95Ms }]) => [name === 'all' ? 'texts of the dev split, once each' : `of these, ended ${name}`, formatCount(texts), ms(p50Ms), ms(p95Ms)]),
  ];
  return markdownTable(['calls, all criteria', 'count', 'p50', 'p95'], rows);
}
