import { AlignSquadError } from '@align-squad/core';
import type { TrainConfig, TrainEvent } from '@align-squad/train';
import type { CliIo } from './io.js';
import { createStyle, type Style } from './style.js';
import { readTrainConfig, type RawTrainOptions } from './train-options.js';
import { createTrainProgress } from './train-progress.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** `align-squad train`: from a dataset to a pack; gives the exit code. */
export async function runTrain(task: string, raw: RawTrainOptions, io: CliIo): Promise<number> {
  const config = await readTrainConfig(toTask(task), raw, io.defaultPack);
  const write = createWriter(io.stdout);
  const progress = createTrainProgress({ stderr: io.stderr, isTerminal: io.stderr.isTTY === true && raw.json !== true });
  let last: TrainEvent | undefined;
  try {
    for await (const event of io.train(config, { signal: io.signal })) {
      if (raw.json === true) await write(jsonLine(event));
      else progress.show(event);
      last = event;
    }
  } finally {
    progress.stop();
  }
  if (last?.type !== 'pack-end') throw new AlignSquadError('The training ended without a pack.', { code: 'training-failed' });
  if (raw.json !== true) await write(describe(last, createStyle(io.stdout, io.env)));
  return 0;
}

function toTask(task: string): TrainConfig['task'] {
  if (task === 'inspector' || task === 'aligner') return task;
  throw new AlignSquadError('Expected `train inspector` or `train aligner`.', { code: 'invalid-options' });
}

function describe({ directory, metrics }: Extract<TrainEvent, { type: 'pack-end' }>, style: Style): string {
  const width = Math.max(0, ...Object.keys(metrics).map((name) => name.length));
  const lines = Object.entries(metrics).map(([name, value]) => `  ${visible(name).padEnd(width)}  ${Number(value.toFixed(4))}`);
  return `${[`${style.bold('pack')} ${visible(directory)}`, ...lines].join('\n')}\n`;
}
