// Streams the dev split through the pack, each record under its own criterion: npm run evaluate:streams [-- --json FILE] [--samples N]
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { TripleRecord } from '@align-squad/eval';
import { createSquad, type DisposableSquad } from 'align-squad';
import { createProgress } from './evaluate/progress.js';
import { readTriples } from './evaluate/read-triples.js';

interface Streamed {
  readonly outcome: string;
  readonly released: string;
}

const { values } = parseArgs({ options: { json: { type: 'string' }, samples: { type: 'string', default: '0' } } });
const progress = createProgress(process.stderr);

/** A word at a time, as a language model gives it. */
async function* words(text: string): AsyncGenerator<string> {
  yield* text.split(/(?<= )/);
}

async function stream(squad: DisposableSquad, { prompt, context, criterion }: TripleRecord, response: string): Promise<Streamed> {
  const options = { prompt, criteria: [criterion], ...(context === null ? {} : { context }) };
  for await (const event of squad.alignStream(words(response), options)) {
    if (event.type === 'end') return { outcome: event.result.outcome, released: event.released };
  }
  return { outcome: 'error', released: '' };
}

const { records } = await readTriples(new URL('../data/triples/dev.jsonl', import.meta.url));
const counts: Record<string, Record<string, number>> = {};
const shown: string[] = [];
await using squad = await createSquad();
// Without a context `factual` can't be judged, and a stream under it alone is withheld as a whole.
const isJudged = ({ criterion, context }: TripleRecord): boolean => squad.criteria.includes(criterion) && (criterion !== 'factual' || context !== null);
const own = records.filter((record) => !record.identity && isJudged(record));
for (const [index, record] of own.entries()) {
  progress(`record ${index + 1} of ${own.length}`);
  for (const kind of ['misaligned', 'aligned'] as const) {
    const { outcome, released } = await stream(squad, record, record[kind]);
    const row = (counts[`${record.criterion}, ${kind}`] ??= {});
    row[outcome] = (row[outcome] ?? 0) + 1;
    if (kind === 'misaligned' && released !== record.misaligned && shown.length < Number(values.samples)) {
      shown.push(`${outcome}\n  before  ${record.misaligned}\n  after   ${released}\n`);
    }
  }
}
progress('');
for (const [name, row] of Object.entries(counts).sort()) {
  const all = Object.values(row).reduce((sum, count) => sum + count, 0);
  const shares = Object.entries(row).map(([outcome, count]) => `${outcome} ${((100 * count) / all).toFixed(1)} %`);
  process.stdout.write(`${name.padEnd(20)} ${String(all).padStart(4)} records: ${shares.join(', ')}\n`);
}
for (const sample of shown) process.stdout.write(`\n${sample}`);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ schemaVersion: 1, outcomes: counts }, null, 2)}\n`);
