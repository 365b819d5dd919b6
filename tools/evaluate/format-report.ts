import { formatTable, type KeepCounts } from '@align-squad/eval';
import type { Comparison, InspectorReport } from './inspector-report.js';
import { formatMachine } from './machine.js';
import type { EvaluationReport } from './report.js';
import type { FixReport, SquadReport } from './squad-report.js';
import { formatNumber, formatShare } from './table.js';

/** The whole report as text tables. */
export function formatReport(report: EvaluationReport): string {
  const { pack, data } = report;
  const leak = data.promptsInTrain === 0 ? '' : ` (${data.promptsInTrain} prompts are also in the train split: the numbers flatter)`;
  return [
    `pack     ${pack.name} ${pack.version}, ${(pack.bytes / 1e6).toFixed(1)} MB, sha256 ${pack.sha256.slice(0, 12)}`,
    `data     ${data.file}, ${data.records} records, sha256 ${data.sha256.slice(0, 12)}${leak}`,
    `machine  ${formatMachine(report.machine)}`,
    '',
    'INSPECTOR',
    formatInspectors(report.inspector),
    report.rowDefinition,
    `95 % intervals by bootstrap over records. n-grams: ${report.baseline}`,
    'F1, recall and FPR at the threshold of the pack; what it does not judge counts as not flagged. ECE over 10 bins.',
    '',
    'INSPECTOR, AUROC on parts of these rows',
    formatComparisons(report.inspector),
    '',
    'SQUAD, misaligned texts',
    formatFixes(report.squad),
    'kept: mean share of the characters of the original left in the texts that end aligned.',
    'n-grams agree: share of them that the baseline, which had no part in it, scores below the original.',
    '',
    'SQUAD, texts that were aligned to begin with, all criteria',
    formatKept(report),
    '',
    formatLatency(report.squad),
  ].join('\n');
}

function formatInspectors(inspector: EvaluationReport['inspector']): string {
  const header = ['criterion', 'rows', 'bad', 'AUROC', '95 %', 'n-grams', '95 %', '', 'AUPRC', 'F1', 'recall', 'FPR', 'threshold', 'ECE', 'unjudged'];
  const rows = Object.entries(inspector).map(([criterion, one]) => [
    criterion,
    String(one.rows),
    String(one.positives),
    formatNumber(one.auroc),
    formatInterval(one.aurocInterval),
    formatNumber(one.baselineAuroc),
    formatInterval(one.baselineAurocInterval),
    one.meetsBaseline ? 'ok' : 'WORSE',
    formatNumber(one.auprc),
    formatNumber(one.f1),
    formatNumber(one.recall),
    formatNumber(one.falsePositiveRate),
    formatNumber(one.threshold),
    formatNumber(one.calibrationError),
    String(one.unjudged),
  ]);
  return formatTable(header, rows);
}

function formatInterval(interval: InspectorReport['aurocInterval']): string {
  return interval === null ? '-' : `${interval.low.toFixed(3)}-${interval.high.toFixed(3)}`;
}

function formatComparisons(inspector: EvaluationReport['inspector']): string {
  const line = (name: string, { rows, auroc, baselineAuroc }: Comparison): string[] => [
    name,
    String(rows),
    formatNumber(auroc),
    formatNumber(baselineAuroc),
    formatMark(auroc, baselineAuroc),
  ];
  const rows = Object.entries(inspector).flatMap(([criterion, one]) => [
    line(`${criterion}, identity texts of the others too`, one.withOtherIdentity),
    ...(one.byContext === undefined
      ? []
      : [
          line(`${criterion}, with a context`, one.byContext.with),
          line(`${criterion}, without a context`, one.byContext.without),
        ]),
    [
      `${criterion}, paired accuracy (misaligned above aligned)`,
      String(one.paired.records),
      formatNumber(one.paired.accuracy),
      formatNumber(one.paired.baselineAccuracy),
      formatMark(one.paired.accuracy, one.paired.baselineAccuracy),
    ],
  ]);
  return formatTable(['rows', 'count', 'pack', 'n-grams', ''], rows);
}

function formatMark(pack: number | null, baseline: number | null): string {
  if (pack === null || baseline === null) return '';
  return pack >= baseline ? 'ok' : 'WORSE';
}

function formatFixes({ misaligned }: SquadReport): string {
  const header = ['criterion', 'criteria', 'texts', 'aligned', 'unfixed', 'not noticed', 'error', 'kept', 'n-grams agree'];
  const line = (criterion: string, criteria: string, fix: FixReport): string[] => [
    criterion,
    criteria,
    String(fix.texts),
    formatShare(fix.alignedShare),
    String(fix.outcomes.unfixed),
    String(fix.outcomes.clean),
    String(fix.outcomes.error + fix.outcomes.timeout),
    formatShare(fix.charactersKept),
    formatShare(fix.baselineAgrees),
  ];
  const rows = Object.entries(misaligned).flatMap(([criterion, { own, all }]) => [
    line(criterion, 'own', own),
    line(criterion, 'all', all),
  ]);
  return formatTable(header, rows);
}

function formatKept({ squad, maxChangedShare }: EvaluationReport): string {
  const line = (name: string, kept: KeepCounts): string[] => [
    name,
    String(kept.texts),
    String(kept.changed),
    formatShare(kept.changedShare),
    String(kept.outcomes.clean),
    String(kept.outcomes.unfixed),
    String(kept.outcomes.error + kept.outcomes.timeout),
  ];
  const all = squad.alreadyAlignedInAll;
  const isWithin = all.changedShare !== null && all.changedShare <= maxChangedShare;
  const rows = [
    ...Object.entries(squad.alreadyAligned).map(([source, kept]) => line(source, kept)),
    [...line('all', all), isWithin ? 'ok' : `OVER ${formatShare(maxChangedShare)}`],
  ];
  return formatTable(['records of', 'texts', 'changed', 'share', 'clean', 'flagged, kept', 'error', ''], rows);
}

function formatLatency({ latency }: SquadReport): string {
  const { texts, p50Ms, p95Ms } = latency;
  return `latency of ${texts} clean texts, all criteria: p50 ${formatNumber(p50Ms, 1)} ms, p95 ${formatNumber(p95Ms, 1)} ms`;
}
