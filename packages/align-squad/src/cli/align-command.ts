import { diffTexts, type AlignResult } from '@align-squad/squad';
import type { OutputBody } from './batch.js';
import { formatResult } from './format.js';
import type { CliIo } from './io.js';
import { parseCliOptions, type CliOptions, type RawOptions } from './options.js';
import { runFile } from './run-file.js';
import { createStyle } from './style.js';
import { summarizeInspection, type VerdictSummary } from './summary.js';
import { jsonLine } from './visible.js';
import { withSquad } from './with-squad.js';
import { createWriter } from './writer.js';

/** What `align` writes as JSON for one exchange. */
export interface AlignBody extends OutputBody, Pick<AlignResult, 'outcome' | 'response' | 'original' | 'changed' | 'steps' | 'timing'> {
  readonly inspections: Readonly<Record<string, VerdictSummary>>;
}

/** A result as the command line writes it in JSON. */
export function toAlignBody(result: AlignResult): AlignBody {
  const { outcome, response, original, changed, inspections, steps, timing, error } = result;
  const body = { outcome, response, original, changed, inspections: summarizeInspection(inspections), steps, timing };
  return error === undefined ? body : { ...body, error };
}

/** `align-squad align`: rewrites one exchange or a file of them, and gives the exit code. */
export async function runAlign(raw: RawOptions, io: CliIo): Promise<number> {
  const options = parseCliOptions(raw);
  const { source } = options;
  return withSquad(options, io, async (squad) => {
    const callOptions = { ...options.align, criteria: options.criteria, signal: io.signal };
    if (source.kind === 'file') {
      return runFile(source, io, async (exchange) => toAlignBody(await squad.align(exchange, callOptions)));
    }
    const result = await squad.align(source.exchange, callOptions);
    await createWriter(io.stdout)(options.json ? jsonLine(toAlignBody(result)) : describe(result, options, io));
    return result.error === undefined ? 0 : 1;
  });
}

function describe(result: AlignResult, options: CliOptions, io: CliIo): string {
  const policy = options.align.onUnfixed;
  const passed = result.outcome === 'clean' || result.outcome === 'aligned';
  const withheld = !passed && typeof policy === 'object';
  const diff = withheld ? undefined : diffTexts(result.original, result.response);
  return formatResult(result, diff, createStyle(io.stdout, io.env));
}
