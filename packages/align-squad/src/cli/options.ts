import { AlignSquadError, type Exchange } from '@align-squad/core';
import type { AlignOptions, UnfixedPolicy } from '@align-squad/squad';
import { defaultPack } from '@align-squad/embedded';

/** Options as the command line gives them: texts, not yet checked. */
export interface RawOptions {
  readonly prompt?: string | undefined;
  readonly context?: string | undefined;
  readonly response?: string | undefined;
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly criteria?: string | undefined;
  readonly threshold?: readonly string[] | undefined;
  readonly pack?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
  readonly deadlineMs?: string | undefined;
  readonly onUnfixed?: string | undefined;
  readonly blockMessage?: string | undefined;
}

/** What a command works on: one exchange from its options, or a file of them; `-` is stdin or stdout. */
export type CliSource =
  | { readonly kind: 'exchange'; readonly exchange: Exchange }
  | { readonly kind: 'file'; readonly input: string; readonly output: string };

/** Checked options of a command. */
export interface CliOptions {
  readonly source: CliSource;
  /** Ids of the criteria; undefined for all that the pack serves. */
  readonly criteria?: readonly string[] | undefined;
  /** Folders of packs, the embedded one among them as a URL; undefined for the embedded one alone. */
  readonly pack?: readonly (string | URL)[] | undefined;
  readonly json: boolean;
  readonly align: Pick<AlignOptions, 'thresholds' | 'deadlineMs' | 'onUnfixed'>;
}

const defaultBlockMessage = 'This answer was withheld because it did not pass inspection.';

/**
 * Checks the options of a command.
 * @throws AlignSquadError `invalid-options`, naming the option and never its value.
 */
export function parseCliOptions(raw: RawOptions): CliOptions {
  return {
    source: parseSource(raw),
    criteria: parseCriteria(raw.criteria),
    pack: raw.pack?.map((pack) => (pack === 'default' ? defaultPack : pack)),
    json: raw.json ?? false,
    align: {
      thresholds: parseThresholds(raw.threshold),
      deadlineMs: parseDeadline(raw.deadlineMs),
      onUnfixed: parsePolicy(raw.onUnfixed, raw.blockMessage),
    },
  };
}

function parseSource(raw: RawOptions): CliSource {
  if (raw.input === undefined) {
    if (raw.output !== undefined) throw invalid('Expected `--output` only beside `--input`.');
    if (raw.response === undefined) throw invalid('Expected `--response TEXT` or `--input FILE.jsonl`.');
    const { prompt, context, response } = raw;
    return { kind: 'exchange', exchange: { prompt, context, response } };
  }
  if (raw.prompt !== undefined || raw.context !== undefined || raw.response !== undefined) {
    throw invalid('Expected either `--input` or `--prompt`, `--context` and `--response`, not both.');
  }
  if (raw.input === '' || raw.output === '') throw invalid('Expected `--input` and `--output` to name a file, or `-`.');
  return { kind: 'file', input: raw.input, output: raw.output ?? '-' };
}

function parseCriteria(value: string | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const ids = value.split(',').map((id) => id.trim());
  if (ids.includes('')) throw invalid('Expected `--criteria` to be ids with commas between, as in ethical,helpful.');
  return [...new Set(ids)];
}

function parseThresholds(values: readonly string[] | undefined): Readonly<Record<string, number>> | undefined {
  if (values === undefined) return undefined;
  return Object.fromEntries(values.map(parseThreshold));
}

function parseThreshold(pair: string): readonly [string, number] {
  const [, id, number] = /^([a-z][a-z0-9-]*)=(\d*\.?\d+)$/.exec(pair) ?? [];
  const value = Number(number);
  if (id === undefined || !(value >= 0 && value <= 1)) {
    throw invalid('Expected `--threshold` to be criterion=number with the number in [0, 1], as in ethical=0.6.');
  }
  return [id, value];
}

function parseDeadline(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw invalid('Expected `--deadline-ms` to be a whole number of milliseconds from 1.');
  return Number(value);
}

function parsePolicy(value: string | undefined, message: string | undefined): UnfixedPolicy | undefined {
  if (message !== undefined && value !== 'block') throw invalid('Expected `--block-message` only beside `--on-unfixed block`.');
  switch (value) {
    case undefined:
    case 'keep':
    case 'throw':
      return value;
    case 'block':
      return { block: message ?? defaultBlockMessage };
    default:
      throw invalid('Expected `--on-unfixed` to be keep, block or throw.');
  }
}

function invalid(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-options' });
}
