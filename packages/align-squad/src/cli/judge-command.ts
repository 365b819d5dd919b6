import type { PairwiseResult } from '@align-squad/eval';
import { basename } from 'node:path';
import { readOnlineOptions, type RawExecutorOptions } from './executor-options.js';
import { openOutput, refuseSameFile } from './files.js';
import type { CliIo } from './io.js';
import { readTextOption } from './judge-data.js';
import { formatComparison } from './judge-format.js';
import { readJudgeSubject, type RawJudgeDataOptions } from './judge-options.js';
import { invalidOption, requiredOption } from './option-values.js';
import { requireWritable, writeOutputFile } from './output-file.js';
import { createProgress } from './progress.js';
import { createStyle } from './style.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** Options of `judge export` as the command line gives them: texts, not yet checked. */
export interface RawJudgeExportOptions extends RawJudgeDataOptions {
  readonly out?: string | undefined;
  readonly key?: string | undefined;
  readonly html?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Options of `judge merge` as the command line gives them: texts, not yet checked. */
export interface RawJudgeMergeOptions {
  readonly requests?: string | undefined;
  readonly key?: string | undefined;
  readonly answers?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
}

/** Options of `judge run` as the command line gives them: texts, not yet checked. */
export interface RawJudgeRunOptions extends RawJudgeDataOptions, Pick<RawExecutorOptions, 'baseUrl' | 'model' | 'concurrency' | 'maxTokensField'> {
  readonly oneOrder?: boolean | undefined;
  readonly output?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `align-squad judge export`: from results to a blind sheet; gives the exit code. */
export async function runJudgeExport(raw: RawJudgeExportOptions, io: CliIo): Promise<number> {
  const out = requiredOption(raw.out, '--out FILE');
  const key = requiredOption(raw.key ?? `${out.replace(/\.jsonl$/, '')}.key.json`, '--key FILE');
  const files = [out, key, ...(raw.html === undefined ? [] : [raw.html])];
  if (new Set([...files, raw.data, raw.exchanges ?? '']).size < files.length + 2) throw invalidOption('Expected `--data`, `--exchanges`, `--out`, `--key` and `--html` to be different files.');
  const { pairs, leftOut, criteria, seed } = await readJudgeSubject(raw);
  const { judgeSheetPage, writeJudgeSheet } = await import('@align-squad/eval');
  const sheet = writeJudgeSheet(pairs, { seed });
  for (const file of files) await requireWritable(file, file === out ? '--out' : file === key ? '--key' : '--html');
  io.signal.throwIfAborted();
  // The key goes first: a sheet without it can't be merged.
  await writeOutputFile(key, `${JSON.stringify(sheet.key)}\n`, '--key');
  await writeOutputFile(out, sheet.requests.map((request) => `${JSON.stringify(request)}\n`).join(''), '--out');
  if (raw.html !== undefined) await writeOutputFile(raw.html, judgeSheetPage(sheet.requests, { criteria }), '--html');
  tellLeftOut(leftOut, io);
  const counts = { out, key, ...(raw.html !== undefined && { html: raw.html }), requests: sheet.requests.length, identical: sheet.key.identical.length, leftOut };
  const style = createStyle(io.stdout, io.env);
  const text = `${style.bold('sheet')} ${visible(out)}\n  requests              ${counts.requests}\n  identical, not asked  ${counts.identical}\n  key                   ${visible(key)}\n`;
  await createWriter(io.stdout)(raw.json === true ? jsonLine(counts) : text);
  return 0;
}

/** `align-squad judge merge`: from a sheet and its answers to a win rate; gives the exit code. */
export async function runJudgeMerge(raw: RawJudgeMergeOptions, io: CliIo): Promise<number> {
  const requests = requiredOption(raw.requests, '--requests FILE');
  const key = requiredOption(raw.key, '--key FILE');
  const files = raw.answers;
  if (files === undefined) throw invalidOption('Expected the option `--answers FILE`.');
  const { mergeJudgeAnswers, parseJudgeAnswers, parseJudgeKey, parseJudgeRequests } = await import('@align-squad/eval');
  const sheet = { requests: parseJudgeRequests(await readTextOption(requests, '--requests')), key: parseJudgeKey(await readTextOption(key, '--key')) };
  // A file is of one annotator where its lines do not say; the number keeps two files of one name apart.
  const texts = await Promise.all(files.map((file) => readTextOption(file, '--answers')));
  const answers = texts.flatMap((text, index) => parseJudgeAnswers(text).map((answer) => ({ annotator: `${index + 1} ${basename(files[index] ?? '')}`, ...answer })));
  io.signal.throwIfAborted();
  await print(mergeJudgeAnswers(sheet, answers), raw, io);
  return 0;
}

/** `align-squad judge run`: compares results by a language model; gives the exit code, 1 when a pair failed. */
export async function runJudge(raw: RawJudgeRunOptions, io: CliIo): Promise<number> {
  const model = requiredOption(raw.model, '--model');
  const { baseUrl, apiKey, concurrency, maxTokensField } = readOnlineOptions({ baseUrl: raw.baseUrl, concurrency: raw.concurrency, maxTokensField: raw.maxTokensField }, io.env);
  if (raw.output === '' || raw.output === '-') throw invalidOption('Expected `--output` to name a file.');
  const { pairs, leftOut, criteria, seed } = await readJudgeSubject(raw);
  const [{ compareResponses, createLlmJudge }, { createOpenaiGenerator }] = await Promise.all([import('@align-squad/eval'), import('@align-squad/llm')]);
  const judge = createLlmJudge(createOpenaiGenerator({ baseUrl, apiKey, model, maxTokensField }), { criteria, bothOrders: raw.oneOrder !== true });
  if (raw.output !== undefined) await refuseSameFile(requiredOption(raw.data, '--data FILE'), raw.output);
  const output = raw.output === undefined ? undefined : await openOutput(raw.output, io);
  const write = output && createWriter(output.stream);
  const progress = createProgress({ stderr: io.stderr, shown: io.stderr.isTTY === true && raw.json !== true, totalBytes: pairs.length });
  let result: PairwiseResult;
  try {
    result = await compareResponses(pairs, judge, {
      concurrency,
      seed,
      signal: io.signal,
      async onDecision(decision, { done, failed }) {
        // The bar counts pairs as its units.
        progress.addBytes(1);
        progress.update({ written: done, failed });
        await write?.(jsonLine(decision));
      },
    });
  } finally {
    progress.stop();
    await output?.close();
  }
  tellLeftOut(leftOut, io);
  await print(result, raw, io);
  return result.failed === 0 ? 0 : 1;
}

async function print(result: PairwiseResult, { json }: { readonly json?: boolean | undefined }, io: CliIo): Promise<void> {
  await createWriter(io.stdout)(json === true ? jsonLine(result) : formatComparison(result, createStyle(io.stdout, io.env)));
}

function tellLeftOut(count: number, { stderr }: CliIo): void {
  if (count > 0) stderr.write(`${count} ${count === 1 ? 'line tells' : 'lines tell'} of an error, holding no response, and ${count === 1 ? 'was' : 'were'} left out\n`);
}
