import type { CriterionEvaluation, InspectorEvaluation } from '../evaluate/evaluate-inspector.js';
import { formatInterval, formatNumber, formatShare } from './format.js';
import { html, type Html } from './html.js';
import { renderPlot } from './plot.js';
import { renderTable } from './table.js';

/** The inspector: one table over all criteria, then plots and slices a criterion. */
export function renderInspector({ criteria }: InspectorEvaluation): Html {
  const entries = Object.entries(criteria);
  return html`<section id="inspector">
<h2>Inspector</h2>
${renderTable({
  caption: 'Quality by criterion',
  header: ['criterion', 'texts', 'misaligned', 'AUROC', '95 %', 'AUPRC', 'threshold', 'F1', 'precision', 'recall', 'FPR', 'FPR at most', 'ECE', 'not judged'],
  rows: entries.map(([criterion, one]) => [
    criterion, one.rows, one.positives, formatNumber(one.auroc), formatInterval(one.aurocInterval), formatNumber(one.auprc), formatNumber(one.threshold),
    formatNumber(one.f1), formatNumber(one.precision), formatNumber(one.recall), formatShare(one.falsePositiveRate), formatShare(one.falsePositiveRateBound),
    formatNumber(one.calibrationError), one.unjudged,
  ]),
})}
<p class="note">F1, precision, recall and false-positive rate (FPR) are at the threshold of the inspector; a text that it did not judge counts as not flagged. AUROC intervals are by bootstrap over prompts. “FPR at most” is the 95 % upper bound for independent texts. ECE is the expected calibration error.</p>
${entries.map(([criterion, one], index) => renderCriterion(criterion, one, index))}
</section>
`;
}

function renderCriterion(criterion: string, one: CriterionEvaluation, index: number): Html {
  return html`<section id="criterion-${index}">
<h3>${criterion}</h3>
<div class="plots">${[reliabilityPlot(one), histogramPlot(one), rocPlot(one), thresholdPlot(one)]}</div>
<details><summary>The numbers of the plots</summary>${plotTables(criterion, one)}</details>
${one.slices.length === 0 ? '' : sliceTable(criterion, one)}
</section>
`;
}

const thresholdMark = ({ threshold }: CriterionEvaluation): { x: number; name: string } | undefined =>
  threshold === null ? undefined : { x: threshold, name: `threshold ${threshold.toFixed(3)}` };

function reliabilityPlot({ reliability, calibrationError }: CriterionEvaluation): Html {
  if (reliability === null) return html``;
  const points = reliability.flatMap(({ meanScore, positiveShare }) => (meanScore === null || positiveShare === null ? [] : [[meanScore, positiveShare] as const]));
  return renderPlot({
    title: 'Reliability',
    summary: `Share of misaligned texts by P(misaligned); expected calibration error ${formatNumber(calibrationError)}.`,
    x: 'P(misaligned)', y: 'share misaligned', diagonal: true,
    series: [{ name: 'bins of texts; on the diagonal the score is right as often as it says', kind: 'dots', points }],
  });
}

function histogramPlot(one: CriterionEvaluation): Html {
  const { aligned, misaligned } = one.histogram;
  const top = Math.max(4, Math.ceil(Math.max(...aligned, ...misaligned) / 4) * 4);
  const points = (counts: readonly number[]): (readonly [number, number])[] => counts.map((count, bin) => [bin / counts.length, count]);
  return renderPlot({
    title: 'Scores by label', summary: 'Aligned and misaligned texts by P(misaligned).', x: 'P(misaligned)', y: 'texts', top, mark: thresholdMark(one),
    series: [{ name: 'aligned', kind: 'bars', points: points(aligned) }, { name: 'misaligned', kind: 'bars', points: points(misaligned) }],
  });
}

function rocPlot({ roc, auroc }: CriterionEvaluation): Html {
  if (roc === null) return html``;
  const points = [[0, 0] as const, ...roc.map(({ falsePositiveRate, recall }) => [falsePositiveRate, recall] as const)];
  return renderPlot({ title: 'ROC curve', summary: `Area ${formatNumber(auroc)}.`, x: 'false-positive rate', y: 'recall', diagonal: true, series: [{ name: `area ${formatNumber(auroc)}`, kind: 'line', points }] });
}

function thresholdPlot(one: CriterionEvaluation): Html {
  if (one.thresholds === null) return html``;
  const { recall, falsePositiveRate } = one;
  return renderPlot({
    title: 'Recall and false-positive rate by threshold',
    summary: `At the threshold recall is ${formatShare(recall)} and the false-positive rate ${formatShare(falsePositiveRate)}.`,
    x: 'threshold', y: 'share', mark: thresholdMark(one),
    series: [
      { name: 'recall', kind: 'line', points: one.thresholds.map((point) => [point.threshold, point.recall]) },
      { name: 'false-positive rate', kind: 'line', points: one.thresholds.map((point) => [point.threshold, point.falsePositiveRate]) },
    ],
  });
}

function plotTables(criterion: string, { reliability, thresholds }: CriterionEvaluation): Html[] {
  const bins = (reliability ?? []).map(({ low, high, count, meanScore, positiveShare }) => [`${low.toFixed(2)}–${high.toFixed(2)}`, count, formatNumber(meanScore), formatShare(positiveShare)]);
  const tenths = (thresholds ?? []).filter((_, step) => step % 10 === 0);
  return [
    renderTable({ caption: `${criterion}: reliability`, header: ['P(misaligned)', 'texts', 'mean', 'share misaligned'], rows: bins }),
    renderTable({ caption: `${criterion}: thresholds`, header: ['threshold', 'recall', 'FPR'], rows: tenths.map(({ threshold, recall, falsePositiveRate }) => [threshold.toFixed(1), formatShare(recall), formatShare(falsePositiveRate)]) }),
  ];
}

function sliceTable(criterion: string, { slices }: CriterionEvaluation): Html {
  return renderTable({
    caption: `${criterion}: parts of the texts`,
    header: ['part', 'texts', 'misaligned', 'AUROC', 'AUPRC', 'F1', 'recall', 'FPR', 'ECE', 'not judged'],
    rows: slices.map((slice) => [
      `${slice.by}: ${slice.name}`, slice.rows, slice.positives, formatNumber(slice.auroc), formatNumber(slice.auprc), formatNumber(slice.f1), formatNumber(slice.recall),
      formatShare(slice.falsePositiveRate), formatNumber(slice.calibrationError), slice.unjudged,
    ]),
  });
}
