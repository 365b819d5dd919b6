// Kills a generation at random moments; prints JSON. usage: kill.ts KILLS QUESTIONS
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killLoop } from '../../packages/datagen/src/testing/kill-loop.js';

const folder = await mkdtemp(join(tmpdir(), 'align-squad-kill-'));
const result = await killLoop({ folder, kills: Number(process.argv[2]), count: Number(process.argv[3]), mostMs: 250, latencyMs: 25, seed: 11 });
await rm(folder, { recursive: true });
process.stdout.write(`${JSON.stringify(result)}\n`);
