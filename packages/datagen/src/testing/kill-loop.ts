import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@align-squad/core';
import { startOpenaiTestServer } from '@align-squad/llm/testing';
import { scriptedAnswer } from './scripted-model.js';

/** Options of `killLoop`. */
export interface KillLoopOptions {
  /** Empty folder to work in. */
  readonly folder: string;
  /** Questions of the run. */
  readonly count: number;
  readonly kills: number;
  /** Longest time from a child's start of work to its end by SIGKILL. */
  readonly mostMs: number;
  readonly latencyMs: number;
  readonly seed: number;
}

/** What came of it. */
export interface KillLoopResult {
  /** Children that were killed while they worked. */
  readonly kills: number;
  /** The dataset is that of a run which was not killed, byte for byte. */
  readonly isSame: boolean;
  /** Different requests of the run. */
  readonly requests: number;
  /** Answers that the server gave more than once; those that were under way when a child was killed. */
  readonly answeredAgain: number;
  /** Most such answers that one kill can explain: those in progress, those that came and were not kept yet, and one being kept. */
  readonly mostAKill: number;
}

const concurrency = 16;
const files = ['train.jsonl', 'dev.jsonl', 'card.json', 'README.md'];
const child = fileURLToPath(new URL('./generate-child.ts', import.meta.url));

/** Runs a generation once in one go, and once with SIGKILLs at random moments, each time in a process of its own. */
export async function killLoop({ folder, count, kills, mostMs, latencyMs, seed }: KillLoopOptions): Promise<KillLoopResult> {
  const whole = await oneRun(join(folder, 'whole'), { count, latencyMs: 0 });
  const random = createRandom(seed);
  await using server = await startOpenaiTestServer({ answer: scriptedAnswer, latencyMs });
  const directory = join(folder, 'killed');
  let killed = 0;
  while (killed < kills) {
    const isDone = await runFor({ directory, baseUrl: server.baseUrl, count }, random.next() * mostMs);
    if (!isDone) killed += 1;
    // A run that came to its end begins again, to be killed at other moments.
    else if (killed < kills) await rm(join(directory, 'dataset'), { recursive: true, force: true });
  }
  await runFor({ directory, baseUrl: server.baseUrl, count });
  const { answered, bodies } = server.statistics();
  return { kills: killed, isSame: (await contentOf(directory)) === whole, requests: bodies, answeredAgain: answered - bodies, mostAKill: 2 * concurrency + 1 };
}

async function oneRun(directory: string, { count, latencyMs }: { readonly count: number; readonly latencyMs: number }): Promise<string> {
  await using server = await startOpenaiTestServer({ answer: scriptedAnswer, latencyMs });
  await runFor({ directory, baseUrl: server.baseUrl, count });
  return contentOf(directory);
}

async function contentOf(directory: string): Promise<string> {
  const texts = await Promise.all(files.map((file) => readFile(join(directory, 'dataset', file), 'utf8').catch(() => `no ${file}`)));
  return texts.join('\0');
}

/** Whether the child came to its end before it was killed. */
async function runFor(run: object, ms?: number): Promise<boolean> {
  const running = spawn(process.execPath, ['--conditions=@align-squad/source', '--import', 'tsx', child, JSON.stringify(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(running, 'exit');
  await Promise.race([once(running.stdout, 'data'), exit]);
  running.stdout.resume();
  if (ms !== undefined) {
    await Promise.race([sleep(ms), exit]);
    running.kill('SIGKILL');
  }
  const [code] = (await exit) as [number | null];
  return code === 0;
}
