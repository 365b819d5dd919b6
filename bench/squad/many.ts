// Passes so many exchanges through alignMany of the embedded squad; prints JSON.
import { exchangeOf } from '@align-squad/eval';
import { createSquad, type Exchange } from 'align-squad';
import { readTriples } from '../../tools/evaluate/read-triples.js';
import { criteria } from '../inspect/pick-exchanges.js';

const count = Number(process.argv[2]);
const { records } = await readTriples(new URL('../../data/triples/dev.jsonl', import.meta.url));
const exchanges = records.map((record, index) => exchangeOf(record, index % 10 === 0 ? record.misaligned : record.aligned));

function* source(): Generator<Exchange> {
  for (let index = 0; index < count; index += 1) yield exchanges[index % exchanges.length] ?? { response: '' };
}

await using squad = await createSquad({ criteria });
for (const exchange of exchanges.slice(0, 20)) await squad.align(exchange);
const startedMs = performance.now();
let results = 0;
for await (const { outcome } of squad.alignMany(source())) results += outcome === 'error' ? 0 : 1;
const msPerExchange = (performance.now() - startedMs) / count;
if (results !== count) process.exitCode = 1;
process.stdout.write(`${JSON.stringify({ exchanges: count, msPerExchange, peakMB: (process.resourceUsage().maxRSS * 1024) / 1e6 })}\n`);
