import type { DeltaBudget, RankGroup } from '@align-squad/onnx';
import type { Command } from 'commander';
import { invalidOption, numberOption } from './option-values.js';

/** Options of `delta` as the command line gives them: texts, not yet checked. */
export interface RawDeltaOptions {
  readonly base?: string | undefined;
  readonly tuned?: string | undefined;
  readonly out?: string | undefined;
  readonly rank?: string | undefined;
  readonly bits?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Declares the options of `delta`. */
export function addDeltaOptions(command: Command): Command {
  return command
    .option('--base <pack>', 'folder of the pack that was fine-tuned')
    .option('--tuned <pack>', 'folder of the pack that became of it')
    .option('--out <file>', 'file of the delta to write')
    .option('--rank <n>', 'singular vectors that are kept of each matrix (default: 64)')
    .option('--bits <list>', 'their precision instead, the largest first, as in 8:4,4:12,2:48 (bits 2, 3, 4 or 8, and how many)')
    .option('--json', 'print what was written, tensor by tensor, as one line of JSON');
}

/**
 * The budget of `--rank` and `--bits`; `createDelta` checks its ranges.
 * @throws AlignSquadError `invalid-options` for texts that are no numbers.
 */
export function readDeltaBudget({ rank, bits }: RawDeltaOptions): DeltaBudget {
  if (rank !== undefined && bits !== undefined) throw invalidOption('Expected `--rank` or `--bits`, not both.');
  if (bits === undefined) return { rank: numberOption('--rank', rank) };
  return { groups: bits.split(',').map(toGroup) };
}

function toGroup(text: string): RankGroup {
  const [, bits, rank] = /^([2348]):(\d{1,5})$/.exec(text.trim()) ?? [];
  if (bits === undefined || rank === undefined) throw invalidOption('Expected `--bits` to be pairs such as 8:4,4:12,2:48, with 2, 3, 4 or 8 bits.');
  return { rank: Number(rank), bits: Number(bits) as RankGroup['bits'] }; // one of the four, by the pattern
}
