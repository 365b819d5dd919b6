import { basename } from 'node:path';
import { AlignSquadError, withoutUndefined } from '@align-squad/core';
import { readEnvironment, type Environment } from './environment.js';
import { parseServerConfig, type ResolvedServerConfig, type ServerConfig } from './server-config.js';

/** Where a configuration comes from. */
export interface LoadServerConfigOptions {
  /** File of the configuration. @default `align-squad.config.ts`, `.js`, `.json` or `.yaml` in `cwd`, where there is one */
  readonly configFile?: string | undefined;
  /** Variables, of which those named `ALIGN_SQUAD_...` are read. @default none */
  readonly env?: Environment | undefined;
  /** Fields that win over the variables, which win over the file. @default none */
  readonly flags?: ServerConfig | undefined;
  /** Folder that files are looked for in. @default that of the process */
  readonly cwd?: string | undefined;
}

/**
 * Loads the configuration of a server. A file that is code runs; nothing else does: no `.env`, nothing from other folders
 * or hosts.
 * Rejects with `invalid-options`, naming the file, variable or field and never a value.
 */
export async function loadServerConfig({ configFile, env = {}, flags = {}, cwd }: LoadServerConfigOptions = {}): Promise<ResolvedServerConfig> {
  const file = await readFile(configFile, cwd);
  if (file !== undefined) parseServerConfig(file.config, `the configuration file ${file.name}`);
  const merged = { ...file?.config, ...readEnvironment(env), ...withoutUndefined(flags) };
  return parseServerConfig(merged, 'the configuration');
}

interface ConfigFile {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

async function readFile(configFile: string | undefined, cwd: string | undefined): Promise<ConfigFile | undefined> {
  const { loadConfig } = await import('c12');
  const name = configFile === undefined ? 'align-squad.config' : basename(configFile);
  try {
    const loaded = await loadConfig({
      name: 'align-squad',
      ...(cwd !== undefined && { cwd }),
      ...(configFile !== undefined && { configFile }),
      configFileRequired: configFile !== undefined,
      rcFile: false,
      globalRc: false,
      packageJson: false,
      dotenv: false,
      envName: false,
      extend: false,
      giget: false,
    });
    return loaded._configFile === undefined ? undefined : { name: basename(loaded._configFile), config: loaded.config };
  } catch (cause) {
    throw new AlignSquadError(`The configuration file ${name} could not be read.`, { code: 'invalid-options', cause });
  }
}
