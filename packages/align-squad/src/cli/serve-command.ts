import { once } from 'node:events';
import { defaultPack } from '@align-squad/embedded';
import type { CliIo } from './io.js';
import { readServeFlags, type RawServeOptions } from './serve-options.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

const loopback = /^(127\.|localhost$|::1$)/;

/** `align-squad serve`: answers requests until it is stopped, and then those under way; gives the exit code. */
export async function runServe(raw: RawServeOptions, io: CliIo): Promise<number> {
  const flags = readServeFlags(raw);
  // with its web framework only here, so that other commands start fast
  const { createServer, loadServerConfig } = await import('@align-squad/server');
  const { port, host, pack, ...options } = await loadServerConfig({ configFile: raw.config, env: io.env, flags });
  const write = createWriter(io.stderr);
  // a log that can't be written must not stop the answers
  const log = (text: string): Promise<void> => write(text).catch(() => undefined);
  const squad = await io.createSquad(pack === undefined ? {} : { pack: pack.map((folder) => (folder === 'default' ? defaultPack : folder)) });
  try {
    io.signal.throwIfAborted();
    const server = createServer({ ...options, squad, logger: raw.quiet === true ? undefined : (entry) => void log(jsonLine(entry)) });
    await server.ready;
    const running = await server.listen({ port, hostname: host });
    try {
      if (options.keys === undefined && !loopback.test(host)) await log('warning: whoever reaches this port may use it; set ALIGN_SQUAD_KEYS\n');
      if (options.upstream === undefined) await log('no upstream: only /v1/align, /v1/inspect and /v1/decisions answer\n');
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${running.port}`;
      const line = raw.json === true ? jsonLine({ event: 'listening', url, port: running.port }) : `listening on ${visible(url)}\n`;
      await createWriter(io.stdout)(line);
      if (!io.signal.aborted) await once(io.signal, 'abort');
    } finally {
      await running.close();
    }
  } finally {
    await squad.dispose();
  }
  return 0;
}
