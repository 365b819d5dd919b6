import { parseDataOptions, type DataOptions, type RawDataOptions } from './eval-options.js';
import { invalidOption, numberOption } from './option-values.js';

/** Options of `calibrate` as the command line gives them: texts, not yet checked. */
export interface RawCalibrateOptions extends RawDataOptions {
  readonly targetFpr?: string | undefined;
  readonly out?: string | undefined;
  readonly inPlace?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly thresholdsOnly?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Where the calibrated pack goes. */
export type CalibrateTarget = { readonly kind: 'none' } | { readonly kind: 'in-place' } | { readonly kind: 'copy'; readonly out: string };

/** Checked options of `calibrate`. */
export interface CalibrateOptions extends DataOptions {
  readonly targetFalsePositiveRate: number;
  readonly target: CalibrateTarget;
  readonly thresholdsOnly: boolean;
  readonly json: boolean;
}

/**
 * Checks the options of `calibrate`.
 * @throws AlignSquadError `invalid-options`, naming the option and never its value.
 */
export function parseCalibrateOptions(raw: RawCalibrateOptions): CalibrateOptions {
  const rate = numberOption('--target-fpr', raw.targetFpr) ?? 0.03;
  if (!(rate > 0 && rate < 1)) throw invalidOption('Expected `--target-fpr` to be a share between 0 and 1, as in 0.03.');
  const options = parseDataOptions(raw);
  return { ...options, targetFalsePositiveRate: rate, target: parseTarget(raw, options.pack), thresholdsOnly: raw.thresholdsOnly === true, json: raw.json === true };
}

function parseTarget({ out, inPlace, dryRun }: RawCalibrateOptions, pack: string | undefined): CalibrateTarget {
  if ([out, inPlace, dryRun].filter((given) => given !== undefined).length !== 1 || out === '') {
    throw invalidOption('Expected one of `--out FOLDER`, `--in-place` and `--dry-run`.');
  }
  if (dryRun === true) return { kind: 'none' };
  if (out !== undefined) return { kind: 'copy', out };
  if (pack === undefined) throw invalidOption('Expected `--pack FOLDER` beside `--in-place`: the embedded pack is not changed.');
  return { kind: 'in-place' };
}
