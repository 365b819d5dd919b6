import { oneLine, principleLines } from '@align-squad/llm/prompts';
import type { Criterion, Demonstration } from '@align-squad/core';
import type { Question } from '../records/records.js';
import type { TripleDraft } from './triple-format.js';

const labels = { context: 'Context:', response: 'Response:', critique: 'Corrector (identify problems with response):', correction: 'Corrector:' } as const;

/** Ends a completion: the next case begins. */
export const paperStops: readonly string[] = ['\nInput:', '\n\nInput'];

/**
 * Principles and demonstrations, then the question, to be completed with response, critique and correction in one go
 * (paper, section 3.1).
 */
export function paperPrompt(criterion: Criterion, { question }: Question): string {
  return [
    ...principleLines(criterion),
    'Continue the last case in the form of those before it, and end there.',
    '',
    ...criterion.demonstrations.flatMap((demonstration) => [...caseLines(demonstration, criterion.needsContext), '']),
    `Input: ${oneLine(question)}`,
    criterion.needsContext ? labels.context : labels.response,
  ].join('\n');
}

function caseLines({ prompt, context = '', response, critique, correction }: Demonstration, needsContext: boolean): string[] {
  return [
    `Input: ${oneLine(prompt)}`,
    ...(needsContext ? [`${labels.context} ${oneLine(context)}`] : []),
    `${labels.response} ${oneLine(response)}`,
    `${labels.critique} ${oneLine(critique)}`,
    `${labels.correction} ${oneLine(correction)}`,
  ];
}

/** The parts of a completion; undefined when one of them is missing, empty or there twice. */
export function parsePaperCompletion(text: string, needsContext: boolean): TripleDraft | undefined {
  const first = needsContext ? labels.context : labels.response;
  const whole = text.trimStart().startsWith(first) ? text.trimStart() : `${first} ${text.trim()}`;
  const wanted = [...(needsContext ? [labels.context] : []), labels.response, labels.critique, labels.correction];
  const parts = splitByLabels(whole, wanted);
  if (!parts) return undefined;
  const [correction = '', critique = '', response = '', context] = [...parts].reverse();
  return { response, critique, correction, ...(context === undefined ? {} : { context }) };
}

/** What stands behind each label, which begin a line and come in this order. */
function splitByLabels(text: string, wanted: readonly string[]): string[] | undefined {
  const starts = wanted.map((label) => {
    const first = startOfLine(text, label, 0);
    return first >= 0 && startOfLine(text, label, first + 1) < 0 ? first : -1;
  });
  if (starts.some((start, index) => start < 0 || start < (starts[index - 1] ?? 0))) return undefined;
  const parts = wanted.map((label, index) => text.slice((starts[index] ?? 0) + label.length, starts[index + 1]).trim());
  return parts.every((part) => part !== '') ? parts : undefined;
}

function startOfLine(text: string, label: string, from: number): number {
  for (let at = text.indexOf(label, from); at >= 0; at = text.indexOf(label, at + 1)) {
    if (at === 0 || text[at - 1] === '\n') return at;
  }
  return -1;
}
