import type { Criterion, Message } from '@align-squad/core';
import { dataLines, principleLines, type ResponseTexts } from '@align-squad/llm/prompts';
import { findCriterion } from './find-criterion.js';
import { hintLines } from './hint-lines.js';
import type { RewriteDialect } from './rewrite-dialect.js';

const task = [
  'You are given a response. Write it anew: what fails these principles put right, and all else kept word for word.',
  'Write the corrected response and nothing else. When it fails none, repeat the response.',
];

/** Asks a chat model for the corrected response alone, with the criterion's demonstrations as earlier turns (2312.01552). */
export function createPlainDialect(criteria: readonly Criterion[]): RewriteDialect {
  return {
    name: 'plain',
    isRewrite: true,
    ask: (texts, id) => {
      const criterion = findCriterion(criteria, id);
      const prompt: Message[] = [
        { role: 'system', content: [...principleLines(criterion), ...task].join('\n') },
        ...criterion.demonstrations.flatMap((demonstration): Message[] => [
          { role: 'user', content: questionLines(demonstration).join('\n') },
          { role: 'assistant', content: demonstration.correction },
        ]),
        { role: 'user', content: [...questionLines(texts), ...hintLines(texts)].join('\n') },
      ];
      return { prompt };
    },
    read: (answer) => answer,
  };
}

function questionLines({ prompt, context, response }: ResponseTexts): string[] {
  return dataLines({ Question: prompt, Context: context, Response: response });
}
