import type { Criterion } from '@align-squad/core';
import { z } from 'zod';
import type { Triple } from '../../records/records.js';
import { wordsOf } from '../fold-text.js';
import { defineFilter, generatedTexts, type FilterDefinition } from './filter.js';
import { hasLeakedLabel, squeezeLines } from './leaked-labels.js';

/**
 * Drops records with parts of the prompt that asked for them: its labels at the start of a line, "As an AI language model", lists
 * of the principles, or a run of words from a demonstration. Principles and demonstrations are those of the cleaning's criterion.
 */
export const leakedPrompt: FilterDefinition = defineFilter({
  name: 'leaked-prompt',
  description: 'Labels, principles or demonstrations of the prompt inside of texts.',
  params: z.strictObject({
    /** Words in a row that a text may not share with a demonstration or principle. */
    sharedWords: z.int().min(3).max(100).default(12),
  }),
  create({ sharedWords }, { criterion }) {
    const listsPrinciples = principleLister(criterion);
    const repeats = repeater(criterion, sharedWords);
    return {
      reject(record) {
        const texts = [...generatedTexts(record), record.critique].map(squeezeLines);
        if (texts.some(hasLeakedLabel)) return 'a text holds labels of the prompt';
        if (texts.some(listsPrinciples)) return 'a text lists the principles';
        return recordTexts(record).some(repeats) ? 'a text repeats a demonstration or principle' : undefined;
      },
    };
  },
});

function recordTexts(record: Triple): string[] {
  return [...generatedTexts(record), record.context ?? '', record.critique === 'none' ? '' : record.critique];
}

/** Whether a text has lines that begin with the names of two principles, or of the only one. */
function principleLister(criterion: Criterion | undefined): (text: string) => boolean {
  const names = (criterion?.principles ?? []).map(({ name }) => escape(name));
  const patterns = names.map((name) => new RegExp(String.raw`^ ?(?:(?:[-*•]|\d{1,3}[.)]) ?)?\*{0,2}${name}\*{0,2} ?:`, 'imu'));
  const least = Math.min(2, patterns.length);
  return (text) => least > 0 && patterns.filter((pattern) => pattern.test(text)).length >= least;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/gu, String.raw`\$&`);
}

/** Whether a text shares a run of words with the criterion, or all of its words with a short text there. */
function repeater(criterion: Criterion | undefined, sharedWords: number): (text: string) => boolean {
  const runs = new Set<string>();
  const wholes = new Set<string>();
  for (const text of criterion ? promptTexts(criterion) : []) {
    const words = wordsOf(text);
    if (words.length < sharedWords) wholes.add(words.join(' '));
    for (const run of runsOf(words, sharedWords)) runs.add(run);
  }
  return (text) => {
    const words = wordsOf(text);
    if (words.length < sharedWords) return wholes.has(words.join(' '));
    if (runs.size === 0) return false;
    for (const run of runsOf(words, sharedWords)) if (runs.has(run)) return true;
    return false;
  };
}

const fewestWords = 4;

function promptTexts({ description, principles, demonstrations }: Criterion): string[] {
  const texts = demonstrations.flatMap(({ prompt, context = '', response, critique, correction }) => [prompt, context, response, critique, correction]);
  return [description, ...principles.map(({ text }) => text), ...texts].filter((text) => wordsOf(text).length >= fewestWords);
}

function* runsOf(words: readonly string[], size: number): Generator<string> {
  for (let start = 0; start + size <= words.length; start++) yield words.slice(start, start + size).join(' ');
}
