// One way to run a squad, in a process of its own: bench/squad/run-peers.ts starts it and asks for one alignment at a time.
import { readFile } from 'node:fs/promises';
import { takeTurns } from '../take-turns.js';
import type { Rewrite } from './pick-rewrite.js';
import type { SquadRun } from './peers-bench.js';
import { sides, type SquadSideName } from './sides.js';

const [name = '', folder = '', rewriteFile = ''] = process.argv.slice(2);
// The parent wrote the file, and names a side.
const { exchange, target } = JSON.parse(await readFile(rewriteFile, 'utf8')) as Rewrite;
const align = await sides[name as SquadSideName]({ folder, exchange });

takeTurns(align, ({ response, ...parts }, times): SquadRun => ({ ...times, isAsPlanned: response === target, ...parts }));
