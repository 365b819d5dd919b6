import { diffTexts, type AlignResult } from '@align-squad/squad';
import type { OutputBody } from './batch.js';
import { formatResult } from './format.js';
import type { CliIo } from './io.js';
import { parseCliOptions, type RawOptions } from './options.js';
import { runFile } from './run-file.js';
import { createStyle } from './style.js';
import { summarizeInspection, type VerdictSummary } from './summary.js';
import { jsonLine } from './visible.js';
import { withSquad } from './with-squad.js';
import { createWriter } from './writer.js';

/** What `align` writes as JSON for one exchange. */
export interface AlignBody extends OutputBody, Pick<AlignResult, 'outcome' | 'response' | 'original' | 'changed' | 'replacedBy' | 'changes' | 'steps' | 'timing'> {
  readonly inspections: Readonly<Record<string, VerdictSummary>>;
}

/** A result as the command line writes it in JSON. */
export function toAlignBody(result: AlignResult): AlignBody {
  const { inspections, originalInspections: _whole, ...rest } = result;
  return { ...rest, inspections: summarizeInspection(inspections) };
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
    await createWriter(io.stdout)(options.json ? jsonLine(toAlignBody(result)) : describe(result, io));
    return result.error === undefined ? 0 : 1;
  });
}

function describe(result: AlignResult, io: CliIo): string {
  const diff = result.replacedBy === undefined ? diffTexts(result.original, result.response) : undefined;
  return formatResult(result, diff, createStyle(io.stdout, io.env));
}
