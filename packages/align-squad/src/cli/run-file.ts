import type { Exchange } from '@align-squad/core';
import { runBatch, type OutputBody } from './batch.js';
import { openInput, openOutput, refuseSameFile } from './files.js';
import type { CliIo } from './io.js';
import { readLines } from './lines.js';
import type { CliSource } from './options.js';
import { createProgress } from './progress.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** Handles every line of `--input` and gives the exit code: 1 when a line failed. */
export async function runFile(
  source: Extract<CliSource, { kind: 'file' }>,
  io: CliIo,
  handle: (exchange: Exchange) => Promise<OutputBody>,
): Promise<number> {
  await refuseSameFile(source.input, source.output);
  const input = await openInput(source.input, io, io.signal);
  const output = await openOutput(source.output, io);
  const write = createWriter(output.stream);
  const onTerminal = source.output === '-' && io.stdout.isTTY === true;
  const progress = createProgress({
    stderr: io.stderr,
    shown: io.stderr.isTTY === true && !onTerminal,
    totalBytes: input.totalBytes,
  });
  try {
    const totals = await runBatch({
      lines: readLines(input.bytes, { onBytes: (count) => progress.addBytes(count) }),
      handle,
      write: (value) => write(jsonLine(value)),
      onFailure: (line, error) => progress.note(visible(`error [${error.code}]: line ${line}: ${error.message}`)),
      onDone: (done) => progress.update(done),
      signal: io.signal,
    });
    return totals.failed === 0 ? 0 : 1;
  } finally {
    progress.stop();
    await output.close();
  }
}
