import { mkdir, writeFile } from 'node:fs/promises';
import { exchangeTokens } from '@align-squad/inspector';
import { trainByteLevelBpe } from '@align-squad/train';
import { paths } from './paths.js';
import { readParagraphs, readTriples } from './sources.js';

/** Trains the tokenizer on the triples and textbooks; the triples count three times. */
export async function trainTokenizer(): Promise<void> {
  const triples = await readTriples('train');
  const textbooks = await readParagraphs('text-openstax');
  const own = triples.flatMap(({ prompt, context, misaligned, aligned }) => [prompt, context ?? '', misaligned, aligned]);
  const texts = [...own, ...own, ...own, ...textbooks];
  const tokenizer = trainByteLevelBpe(texts, { vocabularySize: 12_288, specialTokens: Object.values(exchangeTokens) });
  await mkdir(paths.runs, { recursive: true });
  await writeFile(`${paths.runs}tokenizer.json`, JSON.stringify(tokenizer));
  await writeFile(`${paths.runs}tokenizer_config.json`, JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: 512 }));
}
