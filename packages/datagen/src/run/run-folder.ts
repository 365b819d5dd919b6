import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AlignSquadError, parseWith, toAlignSquadError } from '@align-squad/core';
import { z } from 'zod';
import { openJournal, type Journal } from './journal.js';
import { parseJson, writeRecords } from './json-lines.js';
import type { ResolvedRunSettings } from './run-settings.js';

/** A run on disk, held by one process. */
export interface RunFolder {
  readonly journal: Journal;
  path(file: string): string;
  close(): Promise<void>;
}

const schemaVersion = 1;
// A lock with our own process id may be one that a killed container left, so this process keeps its own account.
const held = new Set<string>();
const headSchema = z.object({ schemaVersion: z.number(), fingerprint: z.string(), criterion: z.object({ id: z.string() }) });

/** Hash of what decides the requests of a run and what is made of the answers. */
export function runFingerprint({ license: _license, prices: _prices, currency: _currency, ...deciding }: ResolvedRunSettings): string {
  return createHash('sha256').update(JSON.stringify([schemaVersion, deciding])).digest('hex');
}

/**
 * Opens the folder of a run, or makes it.
 * @throws AlignSquadError `invalid-options` for a folder of another criterion, other settings or another version, or one that
 * another process works in; `generator-failed` when it can't be written.
 */
export async function openRunFolder(directory: string, settings: ResolvedRunSettings): Promise<RunFolder> {
  const path = (file: string): string => join(directory, file);
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw unwritable(error);
  });
  const release = await lock(path('lock'));
  try {
    await requireSameRun(path('run.json'), settings);
    const journal = await openJournal(path('answers.journal'));
    return {
      journal,
      path,
      async close() {
        await journal.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function requireSameRun(path: string, settings: ResolvedRunSettings): Promise<void> {
  const fingerprint = runFingerprint(settings);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    await writeRecords(path, [{ schemaVersion, fingerprint, ...settings }]);
    return;
  }
  const head = parseWith(headSchema, parseJson(text), { what: 'run.json of the run folder', code: 'invalid-options' });
  const problem =
    head.schemaVersion !== schemaVersion
      ? `was made by another version of align-squad (schema ${head.schemaVersion}, this one reads ${schemaVersion})`
      : head.criterion.id !== settings.criterion.id
        ? `is a run of the criterion ${head.criterion.id}, not ${settings.criterion.id}`
        : 'was begun with other settings or another text of the criterion';
  if (head.fingerprint === fingerprint) return;
  throw new AlignSquadError(`The folder ${problem}: go on with those, or name another folder.`, { code: 'invalid-options' });
}

/** Writes a file with the number of the process that works here, and takes over what a killed one left; gives what removes it. */
async function lock(path: string): Promise<() => Promise<void>> {
  const key = resolve(path);
  for (let attempt = 0; attempt < 3 && !held.has(key); attempt++) {
    const file = await open(path, 'wx').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
      throw unwritable(error);
    });
    if (file) {
      held.add(key);
      await file
        .writeFile(String(process.pid))
        .catch(async (error: unknown) => {
          held.delete(key);
          // Half a number could be that of a process which runs.
          await rm(path, { force: true });
          throw unwritable(error);
        })
        .finally(() => file.close());
      return async () => {
        held.delete(key);
        await rm(path, { force: true });
      };
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && owner !== process.pid && isRunning(owner)) break;
    await rm(path, { force: true });
  }
  throw new AlignSquadError('Another run works in this folder. If none does, remove the file `lock` in it.', { code: 'invalid-options' });
}

function unwritable(error: unknown): AlignSquadError {
  return toAlignSquadError(error, 'The folder of the run could not be made or written: is the disk full or the folder read-only?', 'generator-failed');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
