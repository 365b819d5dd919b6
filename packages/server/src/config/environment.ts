import { AlignSquadError } from '@align-squad/core';
import type { ServerConfig } from './server-config.js';

/** Variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Kind = 'text' | 'number' | 'boolean' | 'list';

const prefix = 'ALIGN_SQUAD_';

/** The variables by their names without prefix, with the field that each sets. */
const variables = {
  HOST: ['host', 'text'],
  PORT: ['port', 'number'],
  UPSTREAM: ['upstream', 'text'],
  UPSTREAM_KEY: ['upstreamKey', 'text'],
  KEYS: ['keys', 'list'],
  CRITERIA: ['criteria', 'list'],
  PACK: ['pack', 'list'],
  MAX_BODY_BYTES: ['maxBodyBytes', 'number'],
  TIMEOUT_MS: ['timeoutMs', 'number'],
  SHUTDOWN_MS: ['shutdownMs', 'number'],
  MAX_CONCURRENT: ['maxConcurrent', 'number'],
  MAX_QUEUE: ['maxQueue', 'number'],
  PLAYGROUND: ['playground', 'boolean'],
  METRICS: ['metrics', 'boolean'],
  TRACING: ['tracing', 'boolean'],
  FAIL_OPEN: ['failOpen', 'list'],
  ADVISORY: ['advisory', 'list'],
  MODE: ['mode', 'text'],
  WITHHELD_MESSAGE: ['withheldMessage', 'text'],
} as const satisfies Readonly<Record<string, readonly [keyof ServerConfig, Kind]>>;

/**
 * The fields that variables `ALIGN_SQUAD_...` set; lists have commas between. An empty variable and one that nothing reads
 * are refused: a misspelt name of the keys would leave the server open.
 * @throws AlignSquadError `invalid-options`, naming the variable and never its value.
 */
export function readEnvironment(env: Environment): Readonly<Record<string, unknown>> {
  const set = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    name.startsWith(prefix) && value !== undefined ? [[name, value]] : [],
  );
  return Object.fromEntries(
    set.map(([name, value]) => {
      const known = Object.entries(variables).find(([key]) => `${prefix}${key}` === name)?.[1];
      if (known === undefined) throw invalid(`Expected no variable ${name}: nothing reads it. Those that are read: ${Object.keys(variables).join(', ')} behind ${prefix}.`);
      const [field, kind] = known;
      return [field, readValue(name, value, kind)];
    }),
  );
}

function readValue(name: string, value: string, kind: Kind): unknown {
  if (value.trim() === '') throw invalid(`Expected the variable ${name} to have a value, or not to be set.`);
  switch (kind) {
    case 'text':
      return value;
    case 'number':
      if (/^\d{1,15}$/.test(value)) return Number(value);
      throw invalid(`Expected the variable ${name} to be a whole number.`);
    case 'boolean':
      if (/^(true|false)$/.test(value)) return value === 'true';
      throw invalid(`Expected the variable ${name} to be true or false.`);
    case 'list':
      return value.split(',').map((item) => item.trim());
    default:
      return kind satisfies never;
  }
}

function invalid(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-options' });
}
