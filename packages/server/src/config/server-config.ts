import { parseWith, withoutUndefined } from '@align-squad/core';
import { z } from 'zod';
import { plainSchemas, sharedSchemas, type ServerOptions } from '../options.js';

/** What a configuration file may hold: options of `createServer` without what is code, and where to listen. */
export interface ServerConfig extends Omit<ServerOptions, 'squad' | 'criteria' | 'tracer' | 'logger' | 'onResult'> {
  /** 0 for any that is free. @default 8787 */
  readonly port?: number | undefined;
  /** @default '127.0.0.1', which only this machine reaches */
  readonly host?: string | undefined;
  /** Ids. @default all that the squad serves */
  readonly criteria?: readonly string[] | undefined;
  /** Folders of packs, asked in that order; `default` is the embedded one. @default ['default'] */
  readonly pack?: readonly string[] | undefined;
}

const ids = z.array(z.string().min(1)).min(1).optional();

const configSchema = z.strictObject({
  ...plainSchemas,
  ...sharedSchemas,
  port: z.int().min(0).max(65_535).default(8787),
  host: z.string().min(1).default('127.0.0.1'),
  criteria: ids,
  pack: ids,
});

/** Checked configuration, with its defaults. */
export type ResolvedServerConfig = ServerConfig & { readonly port: number; readonly host: string };

/** Checks a configuration; what the squad checks is left to it. @throws AlignSquadError `invalid-options`, naming fields and never values. */
export function parseServerConfig(value: unknown, what: string): ResolvedServerConfig {
  const { port, host, ...rest } = parseWith(configSchema, value, { what, code: 'invalid-options' });
  // a schema leaves unknown what the squad checks
  return { ...(withoutUndefined(rest) as ServerConfig), port, host };
}
