import type { Criterion } from '@align-squad/core';

/** A text on one line, so that it can't end the field of a prompt that it stands in. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/** What the criterion asks for, as lines of a prompt. */
export function principleLines({ description, principles }: Criterion): string[] {
  return [oneLine(description), 'Principles:', ...principles.map(({ name, text }) => `- ${name}: ${oneLine(text)}`)];
}
