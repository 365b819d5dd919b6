import { join } from 'node:path';
import { promptText, type Exchange } from '@align-squad/core';
import { createSquad, defaultPack } from 'align-squad';
import { criteria } from '../inspect/pick-exchanges.js';
import type { SquadRun } from './peers-bench.js';
import { sourceText } from './write-aligner.js';

/** What a side works on. */
export interface SquadSideInput {
  /** Where `writePeer` wrote `peer` and `writeAligner` wrote `aligner`. */
  readonly folder: string;
  readonly exchange: Exchange;
}

/** Inspects, rewrites and inspects again; the rewrite that was taken, and of ours where the time went. */
export type AlignOnce = () => Promise<Pick<SquadRun, 'inspectMs' | 'alignMs'> & { readonly response: string }>;

/** Ways to run a squad, by name. */
export const sides = {
  'align-squad': openSquad,
  'transformers.js, int8, defaults': (input) => openPipelines(input, { dtype: 'q8' }),
  'transformers.js, int8, one thread': (input) => openPipelines(input, { dtype: 'q8', session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 } }),
  'transformers.js, float32, defaults': (input) => openPipelines(input, { dtype: 'fp32' }),
} as const satisfies Readonly<Record<string, (input: SquadSideInput) => Promise<AlignOnce>>>;

/** Name of a side. */
export type SquadSideName = keyof typeof sides;

/** The embedded inspector and the aligner of the folder, as `createSquad` assembles them. */
async function openSquad({ folder, exchange }: SquadSideInput): Promise<AlignOnce> {
  const squad = await createSquad({ criteria, pack: [join(folder, 'aligner'), defaultPack] });
  return async () => {
    const { outcome, response, timing } = await squad.align(exchange);
    return { response: outcome === 'aligned' ? response : '', inspectMs: timing.inspectMs, alignMs: timing.alignMs };
  };
}

/** Three classifiers, one a criterion, before and after a generator. */
async function openPipelines({ folder, exchange }: SquadSideInput, options: object): Promise<AlignOnce> {
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  const load = () => pipeline('text-classification', join(folder, 'peer'), options);
  const classifiers = [await load(), await load(), await load()];
  const generate = await pipeline('text-generation', join(folder, 'aligner'), options);
  const inspect = async ({ prompt, context = '', response }: Exchange): Promise<void> => {
    for (const classify of classifiers) await classify(`${promptText(prompt)}\n${context}\n${response}`, { top_k: null });
  };
  return async () => {
    await inspect(exchange);
    const output: unknown = await generate(sourceText(exchange), { max_new_tokens: 256, return_full_text: false });
    const [{ generated_text }] = output as [{ generated_text: string }];
    const response = generated_text.trim();
    await inspect({ ...exchange, response });
    return { response };
  };
}
