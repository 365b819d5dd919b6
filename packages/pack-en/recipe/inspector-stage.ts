import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { train, type TrainConfig } from '@align-squad/train';
import { paths } from './paths.js';
import type { Report } from './report.js';

/** Trains the inspector by `inspector.json`, as `align-squad train inspector --config` does. */
export async function trainInspector(threads: number, report: Report): Promise<void> {
  const file = fileURLToPath(new URL('./inspector.json', import.meta.url));
  // The configuration is checked by `train`; its paths are relative to its file.
  const config = JSON.parse(await readFile(file, 'utf8')) as TrainConfig;
  const here = (path: string): string => resolve(dirname(file), path);
  const { inspector } = config;
  const resolved: TrainConfig = {
    ...config,
    threads,
    data: config.data.map(here),
    dev: config.dev?.map(here),
    out: paths.inspector,
    inspector: {
      ...inspector,
      ngramData: inspector?.ngramData?.map(here),
      tokenizerTexts: inspector?.tokenizerTexts?.map(here),
      experts: inspector?.experts?.map(({ criterion, data }) => ({ criterion, data: data.map(here) })),
    },
  };
  for await (const event of train(resolved)) {
    if (event.type !== 'step-end' && event.type !== 'checkpoint-end') report(JSON.stringify(event));
    else if (event.type === 'step-end' && event.step % 50 === 0) report(`step ${event.step}/${event.steps} loss ${event.loss.toFixed(4)}`);
  }
}
