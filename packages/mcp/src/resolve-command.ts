import { parseArgs } from 'node:util';
import { AlignSquadError } from '@align-squad/core';

/** What the command line and the environment ask for. */
export interface Command {
  readonly help: boolean;
  readonly version: boolean;
  readonly criteria: readonly string[] | undefined;
  /** Folder of a pack; the embedded one when undefined. */
  readonly pack: string | undefined;
}

/** What `--help` prints. */
export const helpText = `align-squad-mcp: a Model Context Protocol server on stdin and stdout

  --criteria a,b   criteria that calls may name, all by default (ALIGN_SQUAD_CRITERIA)
  --pack FOLDER    another pack than the embedded one (ALIGN_SQUAD_PACK)
  --help, --version
`;

/**
 * Reads the options of the server; flags go before variables, and an empty variable is none.
 * @throws AlignSquadError `invalid-options`.
 */
export function resolveCommand(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Command {
  const { criteria = env.ALIGN_SQUAD_CRITERIA, pack = env.ALIGN_SQUAD_PACK, help = false, version = false } = parse(args);
  const ids = criteria?.split(',').map((id) => id.trim()).filter((id) => id !== '');
  return {
    help,
    version,
    criteria: ids === undefined || ids.length === 0 ? undefined : ids,
    pack: pack === '' ? undefined : pack,
  };
}

const options = { criteria: { type: 'string' }, pack: { type: 'string' }, help: { type: 'boolean' }, version: { type: 'boolean' } } as const;

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ readonly options: typeof options }>>['values'] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new AlignSquadError('Expected the options --criteria a,b, --pack FOLDER, --help and --version.', { code: 'invalid-options', cause });
  }
}
