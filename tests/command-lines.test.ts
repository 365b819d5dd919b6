import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../packages/align-squad/src/cli/test-support.js';
import { commandLines, type CommandLine } from './command-lines.js';
import { listDocuments } from './documents.js';
import { root } from './walk.js';

const inPages = listDocuments().flatMap((path) => commandLines(path, readFileSync(join(root, path), 'utf8')));

// Help of a command ends before anything is done; words that are no command leave the help of the one above.
async function unknownParts({ words, options }: CommandLine): Promise<readonly string[]> {
  const { stdout } = await run([...words, '--help']);
  const usage = /^Usage: align-squad (.*)$/m.exec(stdout)?.[1]?.split(/[^\w-]+/) ?? [];
  const known = new Set(stdout.match(/--[a-z-]+/g));
  return [...words.filter((word) => !usage.includes(word)), ...options.filter((option) => !known.has(option))];
}

test('calls in sh blocks are found, with their words and options, and not what is quoted', () => {
  const text = 'a\n```sh\nls --all\nnpx align-squad train inspector --data "a --b" \\\n  --out=c\n```\n```text\nnpx align-squad d\n```\n';
  expect(commandLines('README.md', text)).toEqual([{ place: 'README.md:4', words: ['train', 'inspector'], options: ['--data', '--out'] }]);
});

test.each([
  [{ words: ['train', 'inspector'], options: ['--data', '--unheard-of'] }, ['--unheard-of']],
  [{ words: ['generate', 'status'], options: ['--dir', '--count'] }, ['--count']],
  [{ words: ['train', 'squad'], options: [] }, ['squad']],
  [{ words: ['unheard-of'], options: [] }, ['unheard-of']],
])('what the program does not have is reported: %j', async (line, unknown) => {
  expect(await unknownParts({ place: '', ...line })).toEqual(unknown);
});

test('every call of the command line in the documents names commands and options that there are', async () => {
  expect(inPages.length).toBeGreaterThan(0);
  const wrong: string[] = [];
  for (const line of inPages) for (const part of await unknownParts(line)) wrong.push(`${line.place} ${part}`);
  expect(wrong).toEqual([]);
});
