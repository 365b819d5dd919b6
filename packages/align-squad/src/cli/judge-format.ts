import type { PairwiseCounts, PairwiseResult } from '@align-squad/eval';
import type { Style } from './style.js';
import { visible } from './visible.js';

/** A comparison for people. */
export function formatComparison(result: PairwiseResult, style: Style): string {
  const { judge, pairs, positionBias, agreement, criteria, failures } = result;
  const { asked, changed } = positionBias;
  const failed = Object.entries(failures).map(([code, count]) => [visible(code), String(count)] as const);
  const rows: (readonly [string, string])[] = [
    ['aligned preferred', String(result.wins)],
    ['original preferred', String(result.losses)],
    ['ties', String(result.ties)],
    ['identical, not asked', String(result.identical)],
    ['failed', String(result.failed)],
    ...failed.map(([code, count]) => [`  ${code}`, count] as const),
    ['win rate', formatRate(result)],
    ...(asked > 0 ? [['changed with order', `${changed} of ${asked}`] as const] : []),
    ...(agreement && agreement.agreement !== undefined
      ? [['annotators agree', `${agreement.agreement.toFixed(2)}${agreement.kappa === undefined ? '' : `, kappa ${agreement.kappa.toFixed(2)}`} (${agreement.annotators} annotators, ${agreement.pairs} pairs)`] as const]
      : []),
    ...Object.entries(criteria).map(([id, counts]) => [visible(id), formatRate(counts)] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${[`${style.bold('judge')} ${visible(judge)}: ${pairs} pairs`, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join('\n')}\n`;
}

function formatRate({ winRate, interval, wins, losses, ties }: PairwiseCounts): string {
  if (winRate === undefined || interval === undefined) return 'none: no pair has a preference';
  return `${winRate.toFixed(3)} (95 %: ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}, ${wins + losses + ties} pairs)`;
}
