import type { Exchange, Inspection } from '@align-squad/core';
import type { DisposableSquad } from '@align-squad/embedded';
import type { OutputBody } from './batch.js';
import { formatInspection } from './format.js';
import type { CliIo } from './io.js';
import { parseCliOptions, type CliOptions, type RawOptions } from './options.js';
import { runFile } from './run-file.js';
import { createStyle } from './style.js';
import { summarizeInspection, type VerdictSummary } from './summary.js';
import { jsonLine } from './visible.js';
import { withSquad } from './with-squad.js';
import { createWriter } from './writer.js';

/** What `inspect` writes as JSON for one exchange. */
export interface InspectBody extends OutputBody {
  readonly response: string;
  readonly inspections: Readonly<Record<string, VerdictSummary>>;
}

/** `align-squad inspect`: judges one exchange or a file of them, and gives the exit code. */
export async function runInspect(raw: RawOptions, io: CliIo): Promise<number> {
  const options = parseCliOptions(raw);
  const { source } = options;
  return withSquad(options, io, async (squad) => {
    if (source.kind === 'file') {
      return runFile(source, io, async (exchange) => toInspectBody(exchange, await inspectWith(squad, exchange, options, io)));
    }
    const started = performance.now();
    const inspection = await inspectWith(squad, source.exchange, options, io);
    const body = toInspectBody(source.exchange, inspection);
    const elapsed = performance.now() - started;
    const text = formatInspection(body.response, inspection, elapsed, createStyle(io.stdout, io.env));
    await createWriter(io.stdout)(options.json ? jsonLine(body) : text);
    return body.error === undefined ? 0 : 1;
  });
}

function inspectWith(squad: DisposableSquad, exchange: Exchange, options: CliOptions, io: CliIo): Promise<Inspection> {
  const { thresholds, deadlineMs } = options.align;
  return squad.inspect(exchange, { criteria: options.criteria, thresholds, deadlineMs, signal: io.signal });
}

/** An inspection as the command line writes it in JSON; a criterion whose inspector failed makes it an error. */
export function toInspectBody(exchange: Exchange, inspection: Inspection): InspectBody {
  const body = { response: exchange.response, inspections: summarizeInspection(inspection) };
  const failed = Object.values(inspection).some((verdict) => verdict.reason === 'failed');
  if (!failed) return body;
  return { ...body, error: { code: 'inspector-failed', message: 'An inspector failed or ran out of time; its criteria are unknown.' } };
}
