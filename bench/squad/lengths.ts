// Times inspections of answers from 32 to 8,192 tokens with the embedded squad; prints JSON.
import { exchangeOf, percentile } from '@align-squad/eval';
import { loadTextTokenizer } from '@align-squad/onnx';
import { packDirectory } from '@align-squad/pack-en';
import { createSquad } from 'align-squad';
import { readTriples } from '../../tools/evaluate/read-triples.js';
import { criteria } from '../inspect/pick-exchanges.js';

const rounds = 7;
const tokenizer = await loadTextTokenizer(packDirectory);
const { records } = await readTriples(new URL('../../data/triples/dev.jsonl', import.meta.url));
const sentences = records.map((record) => exchangeOf(record, record.aligned).response);

/** Sentences of the dev split up to so many tokens. */
function answerOf(tokens: number): string {
  const parts: string[] = [];
  for (let have = 0, at = 0; have < tokens; at += 1) {
    const ids = tokenizer.encode(sentences[at % sentences.length] ?? '');
    const part = (sentences[at % sentences.length] ?? '').split(' ').slice(0, Math.max(1, tokens - have)).join(' ');
    parts.push(part);
    have += Math.min(ids.length, tokenizer.encode(part).length);
  }
  return parts.join(' ');
}

await using squad = await createSquad({ criteria });
const answers = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192].map(answerOf);
const times = answers.map((): number[] => []);
// In turn, so that what else the machine does meets all lengths.
for (let round = 0; round < rounds; round += 1) {
  for (const [index, response] of answers.entries()) {
    const startedMs = performance.now();
    await squad.inspect({ prompt: 'Tell me about it.', response });
    times[index]?.push(performance.now() - startedMs);
  }
}
const runs = answers.map((answer, index) => ({ tokens: tokenizer.encode(answer).length, p50Ms: percentile(times[index] ?? [], 50) }));
process.stdout.write(`${JSON.stringify(runs)}\n`);
