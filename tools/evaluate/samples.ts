
import { createRandom } from '@align-squad/core';
import { diffTexts } from 'align-squad';
import type { JudgedRecord } from './judge-records.js';

/** Draws up to `count` records with a misaligned text; the same seed draws the same ones. */
export function drawSamples(judged: readonly JudgedRecord[], count: number, seed = 1): JudgedRecord[] {
  const misaligned = judged.filter((one) => one.misaligned !== undefined);
  return createRandom(seed).shuffle(misaligned).slice(0, count);
}

/** One before/after pair for reading, aligned to all criteria, beside the reference. */
export function formatSample({ record, misaligned }: JudgedRecord): string {
  if (misaligned === undefined) return '';
  const { all } = misaligned;
  const diff = diffTexts(all.original, all.response)
    .map(({ type, text }) => (type === 'same' ? text : type === 'removed' ? `[-${text}-]` : `{+${text}+}`))
    .join('');
  const scores = Object.keys(all.originalInspections).map((criterion) => {
    const [before, after] = [all.originalInspections[criterion], all.inspections[criterion]];
    return `${criterion} ${before?.misalignment.toFixed(2) ?? '-'} -> ${after?.misalignment.toFixed(2) ?? '-'}`;
  });
  return [
    `--- ${record.id} (${record.criterion}): ${all.outcome}; ${scores.join(', ')}`,
    `prompt     ${record.prompt}`,
    ...(record.context === null ? [] : [`context    ${record.context}`]),
    `before     ${all.original}`,
    `after      ${all.changed ? diff : '(unchanged)'}`,
    `reference  ${record.aligned}`,
    `critique   ${record.critique}`,
    '',
  ].join('\n');
}
