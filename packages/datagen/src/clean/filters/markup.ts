import { z } from 'zod';
import { defineFilter, generatedTexts, type FilterDefinition } from './filter.js';

const tag = /<\/?[a-z][a-z0-9-]*(?:\s[^<>]{0,200})?\/?>|<!--|<!doctype\b|&(?:nbsp|amp|lt|gt|quot|#\d{1,5});/iu;

/** Drops texts with tags or entities of HTML outside of code; a plain `<` is no tag. */
export const markup: FilterDefinition = defineFilter({
  name: 'markup',
  description: 'Texts with HTML tags or entities outside of code.',
  params: z.strictObject({}),
  create: () => ({
    reject: (record) => (generatedTexts(record).some((text) => tag.test(withoutCode(text))) ? 'a text holds markup' : undefined),
  }),
});

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?(?:```|$)|`[^`\n]*`/gu, ' ');
}
