import type { ServerConfig } from '@align-squad/server';
import { invalidOption, numberOption } from './option-values.js';

/** Options of `serve` as the command line gives them: texts, not yet checked. */
export interface RawServeOptions {
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly upstream?: string | undefined;
  readonly criteria?: string | undefined;
  readonly advisory?: string | undefined;
  readonly pack?: readonly string[] | undefined;
  readonly config?: string | undefined;
  /** False with `--no-playground`. */
  readonly playground?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

/** The fields of the configuration that options set. @throws AlignSquadError `invalid-options`, naming the option and never its value. */
export function readServeFlags(raw: RawServeOptions): ServerConfig {
  const port = numberOption('--port', raw.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) throw invalidOption('Expected `--port` to be a port, or 0 for any.');
  const criteria = idsOption('--criteria', raw.criteria);
  const advisory = idsOption('--advisory', raw.advisory);
  const isSet = (value: string | undefined): boolean => value === undefined || value.trim() !== '';
  if (![raw.host, raw.upstream, raw.config, ...(raw.pack ?? [])].every(isSet)) throw invalidOption('Expected no empty `--host`, `--upstream`, `--config` or `--pack`.');
  return { port, host: raw.host, upstream: raw.upstream, criteria, advisory, pack: raw.pack, ...(raw.playground === false && { playground: false }) };
}

function idsOption(option: string, value: string | undefined): readonly string[] | undefined {
  const ids = value?.split(',').map((id) => id.trim());
  if (ids?.includes('')) throw invalidOption(`Expected \`${option}\` to be ids with commas between, as in ethical,helpful.`);
  return ids;
}
