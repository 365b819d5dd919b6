// Times inspections of answers from 32 to 8,192 tokens with the embedded squad; prints JSON.
import { exchangeOf, percentile } from '@align-squad/eval';
import { loadTextTokenizer } from '@align-squad/onnx';
import { packDirectory } from '@align-squad/pack-en';
import { createSquad } from 'align-squad';
import { readTriples } from '../../tools/evaluate/read-triples.js';
import { criteria } from '../inspect/pick-exchanges.js';
import { roundsOr } from '../rounds.js';

const rounds = roundsOr(7);
const tokenizer = await loadTextTokenizer(packDirectory);
const { records } = await readTriples(new URL('../../data/triples/dev.jsonl', import.meta.url));
const text = records.map((record) => exchangeOf(record, record.aligned).response).join(' ');
const ids = tokenizer.encode(text);

/** Answers of the dev split, one after the other, up to so many tokens. */
const answerOf = (tokens: number): string => tokenizer.decode(ids.slice(0, tokens)).trim();

await using squad = await createSquad({ criteria });
const answers = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192].map(answerOf);
const times = answers.map((): number[] => []);
// In turn, so that what else the machine does meets all lengths; the first round warms up.
for (let round = -1; round < rounds; round += 1) {
  for (const [index, response] of answers.entries()) {
    const startedMs = performance.now();
    await squad.inspect({ prompt: 'Tell me about it.', response });
    if (round >= 0) times[index]?.push(performance.now() - startedMs);
  }
}
const runs = answers.map((answer, index) => ({ tokens: tokenizer.encode(answer).length, p50Ms: percentile(times[index] ?? [], 50) }));
process.stdout.write(`${JSON.stringify(runs)}\n`);
