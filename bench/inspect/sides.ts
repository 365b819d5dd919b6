import { promptText, type Exchange } from '@align-squad/core';
import { createPackInspector } from '@align-squad/inspector';
import { openPack } from '@align-squad/onnx';
import { packDirectory } from '@align-squad/pack-en';

/** What a side works on. */
export interface SideInput {
  /** Where `writePeer` and `writeRandom` wrote. */
  readonly folder: string;
  readonly exchanges: readonly Exchange[];
}

/** Inspects all exchanges once. */
export type InspectAll = () => Promise<unknown>;

/** Ways to inspect, by name. */
export const sides = {
  'transformers.js, defaults': ({ folder, exchanges }) => openPipelines(folder, exchanges, 'defaults'),
  'transformers.js, best settings': ({ folder, exchanges }) => openPipelines(folder, exchanges, 'best'),
  'align-squad, one at a time': ({ exchanges }) => openPackInspector(packDirectory, exchanges, 0),
  'align-squad, workers': ({ exchanges }) => openPackInspector(packDirectory, exchanges, 2),
  'one criterion': ({ folder, exchanges }) => openPackInspector(`${folder}/heads-1`, exchanges, 0),
  'eight criteria': ({ folder, exchanges }) => openPackInspector(`${folder}/heads-8`, exchanges, 0),
} as const satisfies Readonly<Record<string, (input: SideInput) => Promise<InspectAll>>>;

/** Name of a side. */
export type SideName = keyof typeof sides;

async function openPackInspector(folder: string | URL, exchanges: readonly Exchange[], workers: number): Promise<InspectAll> {
  const inspector = await createPackInspector(await openPack(folder), { workers });
  if (workers > 0) return () => Promise.all(exchanges.map((exchange) => inspector.inspect([exchange])));
  return async () => {
    for (const exchange of exchanges) await inspector.inspect([exchange]);
  };
}

/** Three classifiers, one a criterion. Defaults: float32, all texts in a padded batch. Best: int8, singles, one thread. */
async function openPipelines(folder: string, exchanges: readonly Exchange[], settings: 'defaults' | 'best'): Promise<InspectAll> {
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  const options =
    settings === 'defaults' ? ({ dtype: 'fp32' } as const) : ({ dtype: 'q8', session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 } } as const);
  const load = () => pipeline('text-classification', `${folder}/peer`, options);
  const classifiers = [await load(), await load(), await load()];
  const texts = exchanges.map(({ prompt, context = '', response }) => `${promptText(prompt)}\n${context}\n${response}`);
  return async () => {
    for (const classify of classifiers) {
      if (settings === 'defaults') await classify(texts, { top_k: null });
      else for (const text of texts) await classify(text, { top_k: null });
    }
  };
}
