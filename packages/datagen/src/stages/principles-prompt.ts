import type { Criterion } from '@align-squad/core';
import { oneLine } from './numbered-lines.js';

/** What the criterion asks for, as lines of a prompt. */
export function principleLines({ description, principles }: Criterion): string[] {
  return [oneLine(description), 'Principles:', ...principles.map(({ name, text }) => `- ${name}: ${oneLine(text)}`)];
}
