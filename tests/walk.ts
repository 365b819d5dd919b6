import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of the repository. */
export const root: string = fileURLToPath(new URL('..', import.meta.url));

/** What one child process did. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of `runCommand`. */
export interface CommandOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
}

/** Runs a program to its end; a status other than 0 is a result, not an error. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...plainEnvironment(), ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

// Vitest sets variables that change how a child behaves, such as NODE_ENV.
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _nodeEnv, NODE_OPTIONS: _nodeOptions, VITEST: _vitest, ...rest } = process.env;
  return rest;
}

/** The fields of a package.json that the walks read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** One folder of packages/. */
export interface Package {
  /** Folder name, such as `core`. */
  readonly room: string;
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** One way to import a package: `@align-squad/core/testing`, with its source file relative to the package. */
export interface EntryPoint {
  readonly specifier: string;
  readonly source: string;
}

/** All packages, by folder name. */
export function listPackages(): readonly Package[] {
  const packages = join(root, 'packages');
  return readdirSync(packages)
    .sort()
    .map((room) => {
      const folder = join(packages, room);
      return { room, folder, manifest: readManifest(join(folder, 'package.json')) };
    });
}

/** The entry points that a package exports code from, main one first. */
export function entryPoints({ manifest }: Package): readonly EntryPoint[] {
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return [];
    const source = target['@align-squad/source'];
    return source === undefined ? [] : [{ specifier: manifest.name + subpath.slice(1), source }];
  });
}

function readManifest(path: string): Manifest {
  // The manifests test holds these files to the shape that is asserted here.
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}
