import { createHash } from 'node:crypto';
import type { ChatRequestBody } from '@align-squad/llm/testing';

/**
 * A deterministic model for tests: answers the prompts of the stages in their formats, the same answer to the same body. Words
 * are made of the body's hash, so that answers differ.
 */
export function scriptedAnswer(body: ChatRequestBody): string {
  const content = contentOf(body);
  const words = wordSource(content);
  if (content.startsWith('List ')) return Array.from({ length: 10 }, (_, index) => `${index + 1}. ${capital(words())} ${words()}`).join('\n');
  if (content.startsWith('Each line has a number')) return questions(content, words);
  return triple(content, words);
}

function contentOf({ messages }: ChatRequestBody): string {
  const content = (messages as readonly { readonly content: unknown }[] | undefined)?.[0]?.content;
  return typeof content === 'string' ? content : JSON.stringify(content);
}

function questions(content: string, words: () => string): string {
  const open = content.split('\n').filter((line) => /^\d+\. \(.*\)$/u.test(line));
  return open.map((line) => `${line} How do I ${words()} the ${words()} of a ${words()} with ${words()}?`).join('\n');
}

function triple(content: string, words: () => string): string {
  const sentence = (): string => `${capital(words())} the ${words()} and the ${words()} of the ${words()}.`;
  const [good, more] = [sentence(), sentence()];
  if (!content.includes('critique')) return JSON.stringify({ context: sentence(), response: `${good} ${more}` });
  const bad = `Only a fool would ${words()} that.`;
  return JSON.stringify({ context: sentence(), response: `${good} ${bad} ${more}`, critique: `It insults: ${words()}.`, correction: `${good} ${more}` });
}

/** Words of three syllables, as many as wanted. */
function wordSource(seed: string): () => string {
  const consonants = 'bdfgklmnprstvz';
  const vowels = 'aeiou';
  let count = 0;
  return () => {
    const hash = createHash('sha256').update(`${seed}\n${count++}`).digest();
    return [0, 2, 4].map((at) => `${consonants[(hash[at] ?? 0) % consonants.length]}${vowels[(hash[at + 1] ?? 0) % vowels.length]}`).join('');
  };
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
