import { invalidOption, numberOption } from './option-values.js';

/** Options that `eval` and `calibrate` share, as the command line gives them: texts, not yet checked. */
export interface RawDataOptions {
  readonly pack?: string | undefined;
  readonly data?: readonly string[] | undefined;
  readonly criteria?: string | undefined;
  readonly quiet?: boolean | undefined;
}

/** Options of `eval` as the command line gives them: texts, not yet checked. */
export interface RawEvalOptions extends RawDataOptions {
  readonly html?: string | undefined;
  readonly json?: string | undefined;
  readonly limit?: string | undefined;
  readonly samples?: string | undefined;
  readonly seed?: string | undefined;
}

/** Which pack is measured, on what. */
export interface DataOptions {
  /** Folder of the pack; undefined for the embedded one. */
  readonly pack?: string | undefined;
  readonly data: readonly string[];
  /** Undefined for all that the pack serves and the data labels. */
  readonly criteria?: readonly string[] | undefined;
  readonly isQuiet: boolean;
}

/** Checked options of `eval`. */
export interface EvalOptions extends DataOptions {
  readonly html?: string | undefined;
  /** `-` is stdout. */
  readonly json?: string | undefined;
  readonly limit?: number | undefined;
  readonly samples: number;
  readonly seed: number;
}

const samplesOfPage = 10;

/**
 * Checks the options of `eval`.
 * @throws AlignSquadError `invalid-options`, naming the option and never its value.
 */
export function parseEvalOptions(raw: RawEvalOptions): EvalOptions {
  if (raw.html === '' || raw.html === '-' || raw.json === '') throw invalidOption('Expected `--html` to name a file, and `--json` to name one or be `-`.');
  return {
    ...parseDataOptions(raw),
    html: raw.html,
    json: raw.json,
    limit: wholeOption('--limit', raw.limit, 1),
    samples: wholeOption('--samples', raw.samples, 0) ?? (raw.html === undefined ? 0 : samplesOfPage),
    seed: wholeOption('--seed', raw.seed, 0) ?? 1,
  };
}

/**
 * Checks the options that say what is measured on what.
 * @throws AlignSquadError `invalid-options`, naming the option and never its value.
 */
export function parseDataOptions({ pack, data, criteria, quiet }: RawDataOptions): DataOptions {
  if (data === undefined || data.includes('')) throw invalidOption('Expected the option `--data FILE`.');
  if (pack === '') throw invalidOption('Expected `--pack` to be the folder of a pack.');
  const ids = criteria?.split(',').map((id) => id.trim());
  if (ids?.includes('') === true) throw invalidOption('Expected `--criteria` to be ids with commas between, as in ethical,helpful.');
  return { pack: pack === 'default' ? undefined : pack, data, criteria: ids && [...new Set(ids)], isQuiet: quiet === true };
}

function wholeOption(option: string, value: string | undefined, least: number): number | undefined {
  const number = numberOption(option, value);
  if (number === undefined || (Number.isSafeInteger(number) && number >= least)) return number;
  throw invalidOption(`Expected \`${option}\` to be a whole number from ${least}.`);
}
