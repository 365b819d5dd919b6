import { AlignSquadError } from '@align-squad/core';
import type { Tensor } from '../session/tensor.js';
import { isPast } from './decoder-names.js';
import { createDecoderRun, type DecoderRunOptions, type LoadedDecoder } from './decoder-run.js';
import { wholeRows } from './pass.js';

// Ids that every vocabulary has.
const first = [1, 2, 3, 4, 5];
const then = [6, 7];
// Far from what keys and values are, so that a pass that reads masked positions gives something else.
const filler = 50;
const closeEnough = 0.01;

type Constants = Readonly<Record<string, Tensor>>;

/** Whether a pass gives a row of logits for each token fed, so that drafts can be checked by it. */
export async function givesAllRows(decoder: LoadedDecoder, constants: Constants): Promise<boolean> {
  return tried(async () => {
    const run = createDecoderRun(decoder, { constants });
    return (await run.forward([first], first.length, wholeRows)).count === first.length;
  });
}

/** Whether masked positions in front of the past change nothing: what follows two tokens is the same with and without them. */
export async function ignoresPadding(decoder: LoadedDecoder, constants: Constants): Promise<boolean> {
  const { inputNames } = decoder.session;
  // Without both inputs a graph can't know of them, or counts them as positions.
  if (!inputNames.some(isPast) || !inputNames.includes('attention_mask') || !inputNames.includes('position_ids')) return false;
  return tried(async () => {
    const [plain, padded] = [
      await lastLogits({ ...decoder, spare: 0 }, [first], { constants }),
      await lastLogits({ ...decoder, spare: 3 }, [first], { constants, filler }),
    ];
    return isClose(plain, padded);
  });
}

/** Whether texts of different lengths, the shorter ones behind masked tokens, give in one pass what each gives alone. */
export async function decodesBatches(decoder: LoadedDecoder): Promise<boolean> {
  return tried(async () => {
    const short = first.slice(2);
    const alone = [await lastLogits(decoder, [first], {}), await lastLogits(decoder, [short], {})];
    const together = await lastLogits(decoder, [first, [0, 0, ...short]], { leads: [0, 2] });
    return isClose(alone.flat(), together);
  });
}

/** Logits after two more tokens, of one text after the other. */
async function lastLogits(decoder: LoadedDecoder, texts: readonly (readonly number[])[], options: DecoderRunOptions): Promise<Float32Array[]> {
  const run = createDecoderRun(decoder, options);
  await run.forward(texts, 1);
  run.keep(texts[0]?.length ?? 0);
  const rows = await run.forward(texts.map(() => then), 1, wholeRows);
  return texts.map((_, text) => rows.logits(text, 0) ?? new Float32Array(0));
}

function isClose(a: readonly Float32Array[], b: readonly Float32Array[]): boolean {
  return a.length === b.length && a.every((row, text) => {
    const size = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return row.every((value, id) => Math.abs(value - (b[text]?.[id] ?? Number.NaN)) <= closeEnough * size);
  });
}

/** False where the graph fails in such a pass. */
async function tried(probe: () => Promise<boolean>): Promise<boolean> {
  try {
    return await probe();
  } catch (error) {
    if (AlignSquadError.isInstance(error) && (error.code === 'model-invalid' || error.code === 'invalid-options')) return false;
    throw error;
  }
}
