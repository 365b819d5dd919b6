import { AlignSquadError } from '@align-squad/core';
import { once } from 'node:events';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** The standard streams that `-` stands for. */
export interface StandardStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

/** An open input. */
export interface Input {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Undefined where the size is not known. */
  readonly totalBytes?: number | undefined;
}

/** An open output. */
export interface Output {
  readonly stream: Writable;
  /** Ends a file and waits until it is written; leaves stdout open. */
  close(): Promise<void>;
}

/** Opens `--input`; `-` is stdin. An abort of the signal ends the stream. */
export async function openInput(path: string, streams: StandardStreams, signal: AbortSignal): Promise<Input> {
  if (path === '-') return { bytes: addAbortSignal(signal, streams.stdin) };
  const stream = createReadStream(path);
  await opened(stream, '`--input`');
  const stats = await statOf(path);
  if (stats?.isDirectory() === true) throw unopenable('`--input`', 'EISDIR');
  return { bytes: addAbortSignal(signal, stream), totalBytes: stats?.isFile() === true ? stats.size : undefined };
}

/** Opens `--output`, emptied; `-` is stdout. */
export async function openOutput(path: string, streams: StandardStreams): Promise<Output> {
  if (path === '-') return { stream: streams.stdout, close: async () => undefined };
  const stream = createWriteStream(path);
  await opened(stream, '`--output`');
  return {
    stream,
    async close() {
      if (stream.errored !== null) throw stream.errored;
      stream.end();
      await finished(stream);
    },
  };
}

/**
 * Refuses one file for both: opening the output would empty the input.
 * @throws AlignSquadError `invalid-options`.
 */
export async function refuseSameFile(input: string, output: string): Promise<void> {
  if (input === '-' || output === '-') return;
  const [from, to] = await Promise.all([statOf(input), statOf(output)]);
  if (from?.isFile() === true && to !== undefined && from.dev === to.dev && from.ino === to.ino) {
    throw new AlignSquadError('Expected `--output` to be another file than `--input`.', { code: 'invalid-options' });
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined; // opening it says what is wrong
  }
}

async function opened(stream: Readable | Writable, option: string): Promise<void> {
  try {
    await once(stream, 'open');
  } catch (error) {
    throw unopenable(option, systemCode(error), error);
  }
}

function unopenable(option: string, reason: string, cause?: unknown): AlignSquadError {
  return new AlignSquadError(`The file of ${option} could not be opened (${reason}).`, { code: 'invalid-options', cause });
}

/** The code of a system error, such as ENOENT. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no error code';
}
