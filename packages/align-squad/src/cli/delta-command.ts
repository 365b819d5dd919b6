import { AlignSquadError } from '@align-squad/core';
import type { CreateDeltaEvent, Delta, Pack, TensorDelta } from '@align-squad/onnx';
import { readDeltaBudget, type RawDeltaOptions } from './delta-options.js';
import type { CliIo, Terminal } from './io.js';
import { requiredOption } from './option-values.js';
import { createStyle, type Style } from './style.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** `align-squad delta`: from a base pack and its fine-tune to a delta file; gives the exit code. */
export async function runDelta(raw: RawDeltaOptions, io: CliIo): Promise<number> {
  const out = requiredOption(raw.out, '--out');
  const directories = { base: requiredOption(raw.base, '--base'), tuned: requiredOption(raw.tuned, '--tuned') };
  const budget = readDeltaBudget(raw);
  const { openPack, createDelta, writeDelta } = await import('@align-squad/onnx');
  const [base, tuned] = [await openPack(directories.base, { signal: io.signal }), await openPack(directories.tuned, { signal: io.signal })];
  const delta = await showProgress(createDelta({ base, tuned, ...budget, signal: io.signal }), raw.json === true ? undefined : io.stderr);
  const bytes = await writeDelta(out, delta);
  const report = reportOf(out, bytes, delta, tuned);
  await createWriter(io.stdout)(raw.json === true ? jsonLine(report) : describe(report, createStyle(io.stdout, io.env)));
  return 0;
}

/** One line on a terminal, that each tensor writes anew; nothing elsewhere. */
async function showProgress(events: AsyncIterable<CreateDeltaEvent>, stderr: Terminal | undefined): Promise<Delta> {
  const write = (text: string): void => {
    if (stderr?.isTTY === true) stderr.write(`\r\u001b[K${text}`);
  };
  try {
    for await (const event of events) {
      if (event.type === 'end') return event.delta;
      const { file, tensor, done, total } = event;
      write(`${visible(file)}  ${done}/${total} tensors  ${visible(tensor.name)}  relative error ${tensor.relativeError.toFixed(3)}`);
    }
  } finally {
    write('');
  }
  throw new AlignSquadError('The comparison ended without a delta.', { code: 'model-invalid' });
}

interface TensorReport {
  readonly name: string;
  readonly kind: TensorDelta['form']['kind'];
  readonly rank?: number;
  readonly bytes: number;
  readonly relativeError: number;
}

interface DeltaReport {
  readonly out: string;
  readonly bytes: number;
  /** Of the float32 models that it stands for. */
  readonly modelBytes: number;
  readonly models: readonly { readonly file: string; readonly baseSha256: string; readonly tunedSha256: string; readonly tensors: readonly TensorReport[] }[];
}

function reportOf(out: string, bytes: number, { models }: Delta, tuned: Pack): DeltaReport {
  const files = models.flatMap(({ file }) => [file, `${file}_data`]);
  return {
    out,
    bytes,
    modelBytes: files.reduce((sum, file) => sum + (tuned.manifest.files[file]?.bytes ?? 0), 0),
    models: models.map(({ tensors, ...model }) => ({
      ...model,
      tensors: tensors.map(({ name, form, data, relativeError }) => {
        const rank = form.kind === 'low-rank' ? { rank: form.groups.reduce((sum, group) => sum + group.rank, 0) } : {};
        return { name, kind: form.kind, ...rank, bytes: data.length, relativeError };
      }),
    })),
  };
}

function describe({ out, bytes, modelBytes, models }: DeltaReport, style: Style): string {
  const tensors = models.flatMap((model) => model.tensors);
  const matrices = tensors.filter(({ kind }) => kind === 'low-rank');
  const worst = tensors.reduce<TensorReport | undefined>((most, each) => (most && most.relativeError >= each.relativeError ? most : each), undefined);
  const mean = matrices.reduce((sum, { relativeError }) => sum + relativeError, 0) / Math.max(1, matrices.length);
  const rows = [
    ['size', `${bytes} bytes, ${((100 * bytes) / modelBytes).toFixed(1)} % of the float32 models`],
    ['tensors', `${tensors.length} changed, ${matrices.length} of them kept as singular vectors`],
    ['relative error', `${mean.toFixed(3)} on average of those${worst ? `, at most ${worst.relativeError.toFixed(3)} (${visible(worst.name)})` : ''}`],
  ] as const;
  return `${[`${style.bold('delta')} ${visible(out)}`, ...rows.map(([name, value]) => `  ${name.padEnd(14)}  ${value}`)].join('\n')}\n`;
}
