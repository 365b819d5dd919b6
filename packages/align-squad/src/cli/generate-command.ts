import { AlignSquadError } from '@align-squad/core';
import type { DatagenEvent, RunSpending, RunStatus } from '@align-squad/datagen';
import { readGenerateOptions, type RawGenerateOptions } from './generate-options.js';
import { createGenerateProgress, formatMoney } from './generate-progress.js';
import type { CliIo } from './io.js';
import { requiredOption } from './option-values.js';
import { createStyle, type Style } from './style.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** `align-squad generate`: from a criterion to a dataset; gives the exit code. */
export async function runGenerate(raw: RawGenerateOptions, io: CliIo): Promise<number> {
  const request = await readGenerateOptions(raw, io.env);
  if (raw.resume === true) await io.runStatus(request.directory);
  const write = createWriter(io.stdout);
  const progress = createGenerateProgress({ stderr: io.stderr, isTerminal: io.stderr.isTTY === true && raw.json !== true, currency: raw.currency });
  let last: DatagenEvent | undefined;
  try {
    for await (const event of io.generate(request, { signal: io.signal })) {
      if (raw.json !== true) progress.show(event);
      else if (event.type !== 'progress') await write(jsonLine(event));
      last = event;
    }
  } finally {
    progress.stop();
  }
  if (last?.type !== 'dataset-end') throw new AlignSquadError('The generation ended without a dataset.', { code: 'generator-failed' });
  if (raw.json !== true) await write(describe(last, createStyle(io.stdout, io.env)));
  return 0;
}

/** `align-squad generate status`: how far the run of a folder is. */
export async function runGenerateStatus(raw: Pick<RawGenerateOptions, 'dir' | 'json'>, io: CliIo): Promise<number> {
  const status = await io.runStatus(requiredOption(raw.dir, '--dir'));
  const write = createWriter(io.stdout);
  await write(raw.json === true ? jsonLine(status) : describeStatus(status));
  return 0;
}

function describe({ directory, card }: Extract<DatagenEvent, { type: 'dataset-end' }>, style: Style): string {
  const { train, dev } = card.split;
  const filters = card.filters.map(({ name, kept, dropped, shadow }) => `  ${visible(name).padEnd(18)} kept ${kept}, ${shadow ? 'would drop' : 'dropped'} ${dropped}`);
  const cost = card.costs === undefined ? [] : [`  answers cost ${formatMoney(card.costs.amount, card.costs.currency)}`];
  return `${[`${style.bold('dataset')} ${visible(directory)}: ${train} records to train on, ${dev} held out`, ...filters, ...cost].join('\n')}\n`;
}

function describeStatus({ criterion, model, count, answers, damagedAnswers, records, spending, isFinished, isLocked }: RunStatus): string {
  const state = isFinished ? 'finished' : isLocked ? 'running, or killed' : 'stopped; start it again to go on';
  const lines = [
    `criterion  ${visible(criterion)}, ${count} questions, model ${visible(model)}`,
    `state      ${state}`,
    `answers    ${answers} kept${damagedAnswers === 0 ? '' : `, ${damagedAnswers} damaged and to be asked again`}`,
    ...(spending === undefined ? [] : [describeSpending(spending)]),
    ...Object.entries(records).map(([name, lines]) => `${name.padEnd(10)} ${lines}`),
  ];
  return `${lines.join('\n')}\n`;
}

function describeSpending({ inputTokens, outputTokens, cost, currency = '' }: RunSpending): string {
  return `spent      ${inputTokens} tokens of prompts, ${outputTokens} of answers${cost === undefined ? '' : `, ${formatMoney(cost, currency)}`}`;
}
