import { dataLines } from '@align-squad/llm/prompts';
import type { RewriteTexts } from './rewrite-dialect.js';

/** What else is known of the response, as lines of a prompt: its faulty sentences and further answers, fenced as data. */
export function hintLines({ faultySentences, answers }: Pick<RewriteTexts, 'faultySentences' | 'answers'>): string[] {
  const texts = { ...numbered('Faulty sentence', faultySentences), ...numbered('Other answer', answers) };
  if (Object.keys(texts).length === 0) return [];
  return [
    ...dataLines(texts),
    ...(faultySentences.length > 0 ? ['The faulty sentences stand in the response, the worst first: put these right.'] : []),
    ...(answers.length > 0 ? ['The other answers are to the same question: use what they do better, and nothing that fails the principles.'] : []),
  ];
}

function numbered(name: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text, index) => [`${name} ${index + 1}`, text]));
}
