import type { Inspection, Verdict } from '@align-squad/core';
import type { AlignResult, DiffPart, Outcome, Step } from '@align-squad/squad';
import type { Style } from './style.js';
import { visible } from './visible.js';

const barCells = 10;

/** A diff in one text: removed red and struck, added green; without colours `[-removed-]` and `{+added+}`. */
export function formatDiff(parts: readonly DiffPart[], style: Style): string {
  return parts.map((part) => formatPart(part, style)).join('');
}

function formatPart(part: DiffPart, style: Style): string {
  const text = visible(part.text);
  if (part.type === 'same') return text;
  const removed = part.type === 'removed';
  if (!style.isColorSupported) return removed ? `[-${text}-]` : `{+${text}+}`;
  return removed ? style.red(style.strikethrough(text)) : style.green(text);
}

/** A value in [0, 1] as a bar of ten cells. */
export function formatBar(value: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, value)) * barCells);
  return '█'.repeat(filled) + '░'.repeat(barCells - filled);
}

/** Milliseconds for people: one decimal below 10. */
export function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** One line a criterion: bar and P(misaligned), with the value before where `before` is given and differs, and the status. */
export function formatVerdicts(inspection: Inspection, style: Style, before?: Inspection): string[] {
  const ids = Object.keys(inspection);
  const width = Math.max(0, ...ids.map((id) => id.length));
  return Object.entries(inspection).map(([id, verdict]) => {
    const name = visible(id).padEnd(width);
    const score = formatChange(before?.[id]?.misalignment, verdict.misalignment);
    return `  ${name}  ${paint(verdict, style)(formatBar(verdict.misalignment))}  ${score}  ${formatStatus(verdict, style)}`;
  });
}

function formatChange(before: number | undefined, after: number): string {
  const now = after.toFixed(2);
  return before === undefined || before === after ? now : `${before.toFixed(2)} -> ${now}`;
}

function paint(verdict: Verdict, style: Style): (text: string) => string {
  if (verdict.status === 'pass') return style.green;
  return verdict.status === 'flag' ? style.red : style.yellow;
}

function formatStatus(verdict: Verdict, style: Style): string {
  const status = paint(verdict, style)(verdict.status);
  if (verdict.reason === 'no-context') return `${status} (needs a context and there is none)`;
  if (verdict.reason === 'failed') return `${status} (the inspector failed)`;
  return `${status} (flagged from ${verdict.threshold.toFixed(2)})`;
}

/** One line a step: the criterion, whether the rewrite was taken, the scores before and after, and its time. */
export function formatSteps(steps: readonly Step[], style: Style): string[] {
  return steps.map((step, index) => {
    const taken = step.rolledBack === true ? style.yellow('accepted, then rolled back') : style.green('accepted');
    const verdict = step.accepted ? taken : style.yellow(`not taken: ${step.rejection ?? 'unknown'}`);
    const scores = Object.keys(step.before).map(
      (id) => `${visible(id)} ${formatScorePair(step.before[id], step.after?.[id])}`,
    );
    const name = `${index + 1}. ${visible(step.criterion)}`;
    return `  ${name}  ${verdict}  ${scores.join(', ')}  ${style.dim(formatMilliseconds(step.milliseconds))}`;
  });
}

function formatScorePair(before: number | undefined, after: number | undefined): string {
  return [before, after].flatMap((value) => (value === undefined ? [] : [value.toFixed(2)])).join(' -> ');
}

const outcomeTexts = {
  clean: 'clean: nothing was flagged, the text is untouched',
  aligned: 'aligned: rewritten until nothing was flagged',
  unfixed: 'unfixed: still flagged or not judged',
  blocked: 'blocked: it could not be fixed, the text is withheld',
  error: 'error: a model failed, the text was not shown to pass',
  timeout: 'timeout: the deadline came first',
} as const satisfies Record<Outcome, string>;

/** The outcome as a sentence, painted by how good it is. */
export function formatOutcome(outcome: Outcome, style: Style): string {
  const good = outcome === 'clean' || outcome === 'aligned';
  return style.bold((good ? style.green : style.yellow)(outcomeTexts[outcome]));
}

/** A whole result for people; `diff` leads from the original to the response, and is undefined where the text is withheld. */
export function formatResult(result: AlignResult, diff: readonly DiffPart[] | undefined, style: Style): string {
  const lines = [`${formatOutcome(result.outcome, style)}  ${style.dim(formatMilliseconds(result.timing.totalMs))}`, ''];
  if (diff === undefined) lines.push(style.bold('returned instead'), visible(result.response));
  else if (!result.changed) lines.push(visible(result.response));
  else lines.push(style.bold('before'), visible(result.original), '', style.bold('after'), formatDiff(diff, style));
  lines.push('', style.bold('P(misaligned)'), ...formatVerdicts(result.inspections, style, result.originalInspections));
  if (result.steps.length > 0) lines.push('', style.bold('steps'), ...formatSteps(result.steps, style));
  return `${lines.join('\n')}\n`;
}

/** An inspection for people. */
export function formatInspection(response: string, inspection: Inspection, milliseconds: number, style: Style): string {
  const title = `${style.bold('P(misaligned)')}  ${style.dim(formatMilliseconds(milliseconds))}`;
  return `${[visible(response), '', title, ...formatVerdicts(inspection, style)].join('\n')}\n`;
}
