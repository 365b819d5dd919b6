// One way to decode, in a process of its own: bench/decode/run-decode.ts starts it and asks for one run at a time.
import { readFile } from 'node:fs/promises';
import { AlignSquadError } from '@align-squad/core';
import { takeTurns } from '../take-turns.js';
import type { SideRun } from './decode-bench.js';
import type { PlannedTexts } from './plan-texts.js';
import { sides } from './sides.js';

const [name = '', folder = '', textsFile = '', heapMegabytes = '0'] = process.argv.slice(2);

/** Objects of about so many megabytes that stay alive, such as a server holds. */
function fillHeap(megabytes: number): object[] {
  const kept: object[] = [];
  const start = process.memoryUsage().heapUsed;
  while (process.memoryUsage().heapUsed - start < megabytes * 2 ** 20) {
    for (let index = 0; index < 10_000; index++) kept.push({ index, text: `entry ${index}`, list: [index, index + 1, index + 2] });
  }
  return kept;
}

const kept = fillHeap(Number(heapMegabytes));
// The parent wrote the file.
const texts = JSON.parse(await readFile(textsFile, 'utf8')) as PlannedTexts;
const open = sides[name];
if (!open) throw new AlignSquadError('Expected the name of a side.', { code: 'invalid-options' });
const decode = await open(folder, texts);

takeTurns(decode, (ids, times): SideRun => ({ ...times, asPlanned: ids.filter((id, index) => id === texts.target[index]).length, heapObjects: kept.length }));
