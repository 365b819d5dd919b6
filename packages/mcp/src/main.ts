import { AlignSquadError, withoutUndefined } from '@align-squad/core';
import { createSquad } from '@align-squad/embedded';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createMcpServer, serverInfo } from './create-mcp-server.js';
import { helpText, resolveCommand, type Command } from './resolve-command.js';

// stdout is for the protocol alone
const log = (message: string): unknown => process.stderr.write(`align-squad-mcp: ${message}\n`);

try {
  const command = resolveCommand(process.argv.slice(2), process.env);
  if (command.help) process.stdout.write(helpText);
  else if (command.version) process.stdout.write(`${serverInfo.version}\n`);
  else await serve(command);
} catch (error) {
  log(AlignSquadError.isInstance(error) ? `error [${error.code}]: ${error.message}` : 'error: the server could not be started.');
  process.exitCode = AlignSquadError.isInstance(error) && error.code === 'invalid-options' ? 2 : 1;
}

/** Serves until the client closes stdin or a signal comes. */
async function serve({ criteria, pack }: Command): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => resolve());
    for (const name of ['end', 'close'] as const) process.stdin.once(name, () => resolve());
    process.stdout.once('error', () => resolve());
  });
  const squad = await createSquad(withoutUndefined({ pack }));
  try {
    const make = (): ReturnType<typeof createMcpServer> => createMcpServer({ squad, criteria });
    // what is wrong with the criteria is said before a client asks
    make();
    // the message of such an error may hold what a client sent
    const handle = serveStdio(make, { onerror: () => log('a message could not be handled.') });
    await stopped;
    await handle.close();
  } finally {
    await squad.dispose();
    // a stdin that is still open would keep the process
    process.stdin.destroy();
  }
}
