import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { toAlignSquadError } from '@align-squad/core';
import { readLines, requestLineId, toRequestLine } from './batch-lines.js';
import type { MaxTokensField } from './chat-completion.js';
import type { DatagenRequest } from './request.js';

/** A requests file and what belongs to it. */
export interface BatchPart {
  /** Counts from 1; four digits in names. */
  readonly number: number;
  readonly requestsPath: string;
  readonly responsesPath: string;
  /** State of the batch at the service. */
  readonly statePath: string;
}

/** Limits of a requests file. */
export interface BatchFileLimits {
  /** @default 50000 */
  readonly requests?: number | undefined;
  /** @default 190000000 */
  readonly bytes?: number | undefined;
}

/** Options of `openBatchFolder`. */
export interface BatchFolderOptions {
  readonly limits: BatchFileLimits;
  readonly maxTokensField: MaxTokensField;
  /** Cuts the reading of the files short; what it gives is of no use then. */
  readonly signal?: AbortSignal | undefined;
}

/** The files of a batch executor. */
export interface BatchFolder {
  /** The part of a request that was written before, or is being written. */
  partOf(id: string): BatchPart | undefined;
  /** Writes a request to the open part of its model; false when it alone is beyond the limits. */
  add(request: DatagenRequest): Promise<boolean>;
  /** Makes the open parts whole: each file appears at once. */
  finish(): Promise<void>;
  /** Drops the open parts; harmless after `finish`. */
  discard(): Promise<void>;
  /** Paths of all responses files, sorted; any name of the form `responses-*.jsonl`. */
  listResponses(): Promise<readonly string[]>;
}

interface OpenPart {
  readonly part: BatchPart;
  readonly file: FileHandle;
  requests: number;
  bytes: number;
  buffered: string;
}

const flushLength = 1 << 18;

/**
 * Opens or makes the folder of a batch executor, and reads which requests its files hold.
 * @throws AlignSquadError `generator-failed` when it can't be read or written.
 */
export async function openBatchFolder(folder: string, { limits, maxTokensField, signal }: BatchFolderOptions): Promise<BatchFolder> {
  return guarded(async () => {
    await mkdir(folder, { recursive: true });
    const parts = new Map<string, BatchPart>();
    let last = 0;
    for (const name of (await readdir(folder)).sort()) {
      const number = Number(/^requests-(\d+)\./.exec(name)?.[1] ?? 0);
      last = Math.max(last, number);
      if (number === 0 || name !== `requests-${digits(number)}.jsonl`) continue;
      const part = createPart(folder, number);
      for await (const line of readLines(part.requestsPath)) {
        if (signal?.aborted) break;
        const id = requestLineId(line);
        if (id !== undefined) parts.set(id, part);
      }
    }
    return createBatchFolder({ folder, parts, last, limits, maxTokensField });
  });
}

interface FolderState extends Pick<BatchFolderOptions, 'limits' | 'maxTokensField'> {
  readonly folder: string;
  readonly parts: Map<string, BatchPart>;
  /** Highest number of a part. */
  readonly last: number;
}

function createBatchFolder({ folder, parts, last: lastBefore, limits, maxTokensField }: FolderState): BatchFolder {
  let last = lastBefore;
  const { requests: mostRequests = 50_000, bytes: mostBytes = 190_000_000 } = limits;
  // A batch is of one model.
  const openParts = new Map<string, OpenPart>();
  const begin = async (model: string): Promise<OpenPart> => {
    const part = createPart(folder, (last += 1));
    const begun = { part, file: await open(`${part.requestsPath}.part`, 'w'), requests: 0, bytes: 0, buffered: '' };
    openParts.set(model, begun);
    return begun;
  };
  const end = async (model: string, { part, file, buffered }: OpenPart): Promise<void> => {
    await file.appendFile(buffered);
    await file.sync();
    await file.close();
    openParts.delete(model);
    await rename(`${part.requestsPath}.part`, part.requestsPath);
  };
  return {
    partOf: (id) => parts.get(id),
    add: (request) =>
      guarded(async () => {
        const line = toRequestLine(request, maxTokensField);
        const bytes = Buffer.byteLength(line);
        if (bytes > mostBytes) return false;
        const { model } = request.body;
        let current = openParts.get(model);
        if (current && (current.requests >= mostRequests || current.bytes + bytes > mostBytes)) {
          await end(model, current);
          current = undefined;
        }
        current ??= await begin(model);
        current.requests += 1;
        current.bytes += bytes;
        current.buffered += line;
        parts.set(request.id, current.part);
        if (current.buffered.length < flushLength) return true;
        await current.file.appendFile(current.buffered);
        current.buffered = '';
        return true;
      }),
    finish: () =>
      guarded(async () => {
        for (const [model, part] of openParts) await end(model, part);
      }),
    async discard() {
      for (const [model, { part, file }] of openParts) {
        openParts.delete(model);
        await file.close();
        await rm(`${part.requestsPath}.part`, { force: true });
      }
    },
    listResponses: () => guarded(async () => (await readdir(folder)).filter((name) => /^responses-.*\.jsonl$/.test(name)).sort().map((name) => join(folder, name))),
  };
}

/** Takes requests out of a part that its service left without an answer, so that they are asked again in a new part. */
export async function removeRequests({ requestsPath }: BatchPart, isRemoved: (id: string) => boolean): Promise<void> {
  await guarded(async () => {
    const file = await open(`${requestsPath}.part`, 'w');
    try {
      for await (const line of readLines(requestsPath)) if (!isRemoved(requestLineId(line) ?? '')) await file.appendFile(`${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${requestsPath}.part`, requestsPath);
  });
}

/** Runs a step on files; what goes wrong is told without its path or content. */
export async function guarded<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw toAlignSquadError(error, 'A file of the batch folder could not be read or written: is the disk full or the folder read-only?', 'generator-failed');
  }
}

function createPart(folder: string, number: number): BatchPart {
  const path = (kind: string): string => join(folder, `${kind}-${digits(number)}`);
  return { number, requestsPath: `${path('requests')}.jsonl`, responsesPath: `${path('responses')}.jsonl`, statePath: `${path('batch')}.json` };
}

function digits(number: number): string {
  return String(number).padStart(4, '0');
}
