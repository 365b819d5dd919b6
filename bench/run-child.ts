import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Runs a command and returns the JSON of its last line of output; undefined when it fails. */
export async function runJson<T>(command: string, args: readonly string[]): Promise<T | undefined> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  const output = await text(child.stdout);
  if ((await exit) !== 0) return undefined;
  // The benchmark scripts print a value of the type that their caller names.
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? 'null') as T;
}
