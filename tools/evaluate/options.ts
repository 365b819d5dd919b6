import { parseArgs } from 'node:util';
import { AlignSquadError } from '@align-squad/core';

/** What `npm run evaluate` was asked for. */
export interface EvaluateOptions {
  /** File that the report is written to as JSON. */
  readonly json?: string | undefined;
  /** First records of the data to use. @default all */
  readonly limit?: number | undefined;
  /** Folder of the pack. @default the embedded one */
  readonly pack?: string | undefined;
  /** Records to evaluate on, as JSON Lines. @default data/triples/dev.jsonl */
  readonly data?: string | undefined;
  /** Before/after pairs to print. @default 0 */
  readonly samples: number;
}

/** How to call it. */
export const usage =
  'npm run evaluate [-- --json FILE] [--limit N] [--pack DIR] [--data FILE] [--samples N]\n' +
  '  --json FILE   write the whole report as JSON\n' +
  '  --limit N     use the first N records only\n' +
  '  --pack DIR    evaluate this pack instead of the embedded one\n' +
  '  --data FILE   evaluate on this file instead of the dev split\n' +
  '  --samples N   print N before/after pairs, drawn with a fixed seed\n';

/**
 * Reads the arguments; undefined when help was asked for.
 * @throws AlignSquadError `invalid-options`.
 */
export function parseEvaluateArguments(args: readonly string[]): EvaluateOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const limit = values.limit === undefined ? undefined : count('limit', values.limit);
  if (limit === 0) throw new AlignSquadError('Expected `--limit` to be a whole number from 1.', { code: 'invalid-options' });
  return {
    json: values.json,
    limit,
    pack: values.pack,
    data: values.data,
    samples: values.samples === undefined ? 0 : count('samples', values.samples),
  };
}

interface RawOptions {
  readonly json?: string | undefined;
  readonly limit?: string | undefined;
  readonly pack?: string | undefined;
  readonly data?: string | undefined;
  readonly samples?: string | undefined;
  readonly help?: boolean | undefined;
}

function parse(args: readonly string[]): RawOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'string' },
        limit: { type: 'string' },
        pack: { type: 'string' },
        data: { type: 'string' },
        samples: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (cause) {
    throw new AlignSquadError(`Unknown or incomplete option. Usage:\n${usage}`, { code: 'invalid-options', cause });
  }
}

function count(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new AlignSquadError(`Expected \`--${name}\` to be a whole number.`, { code: 'invalid-options' });
}
