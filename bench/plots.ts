import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlignSquadError } from '@align-squad/core';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { DecodeBench } from './decode/decode-bench.js';
import type { PeerComparison } from './inspect-bench.js';
import type { LoadBench } from './load-bench.js';
import { lengthsPlot, manyPlot, loadPlot, type LoadRow } from './plots/curves.js';
import { ratioPlot, type RatioRow } from './plots/ratios.js';
import { memoryPlot } from './server/memory-plot.js';
import type { ServerBench } from './server-bench.js';
import type { Spread } from './spread.js';
import type { SquadBench } from './squad-bench.js';

/** What --json writes, as far as plots read it. */
interface BenchFile {
  readonly inspect?: { readonly peers: PeerComparison };
  readonly decode?: DecodeBench;
  readonly squad?: SquadBench;
  readonly load?: LoadBench;
  readonly server?: ServerBench;
}

/** Draws what the files hold as bench/plots/*.svg and returns the paths; of two files of one bench the later counts, of `load` both. */
export async function plotFiles(files: readonly string[]): Promise<string[]> {
  const read = await Promise.all(files.map(async (file) => ({ file, content: await readBench(file) })));
  const all = Object.assign({}, ...read.map(({ content }) => content)) as BenchFile;
  const load = read.flatMap(({ file, content }) => (content.load ? loadRows(basename(file, '.json'), content.load) : []));
  const specs: [string, TopLevelSpec | undefined][] = [
    ['inspect-ratios', all.inspect && ratioPlot('Inspecting under three criteria: transformers.js against align-squad', inspectRows(all.inspect.peers))],
    ['decode-ratios', all.decode && ratioPlot('Decoding 112 tokens after 256, 17 M parameters: others against align-squad', decodeRows(all.decode))],
    ['squad-ratios', all.squad && ratioPlot('Inspect, rewrite, inspect again: transformers.js against align-squad', squadRows(all.squad))],
    ['squad-lengths', all.squad && lengthsPlot(all.squad.lengths)],
    ['squad-many', all.squad && manyPlot(all.squad.many)],
    ['server-memory', all.server && memoryPlot(all.server.memory)],
    ['load', load.length > 0 ? loadPlot(load) : undefined],
  ];
  const folder = new URL('./plots/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const [name, spec] of specs) {
    if (spec === undefined) continue;
    const file = fileURLToPath(new URL(`${name}.svg`, folder));
    await writeFile(file, `${await toSvg(spec)}\n`);
    written.push(file);
  }
  return written;
}

async function readBench(file: string): Promise<BenchFile> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as BenchFile;
  } catch (cause) {
    throw new AlignSquadError('Could not read a file of measurements as JSON.', { code: 'invalid-dataset', cause });
  }
}

/** Text is as wide as Vega estimates, as there is no canvas; the same spec gives the same bytes. */
async function toSvg(spec: TopLevelSpec): Promise<string> {
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

const inspectTargets: Readonly<Record<string, number>> = { 'transformers.js, defaults': 8, 'transformers.js, best settings': 3 };
const inspectNames: Readonly<Record<string, string>> = { 'transformers.js, defaults': 'float32, defaults', 'transformers.js, best settings': 'int8, one thread' };
const squadTargets: Readonly<Record<string, number>> = { 'transformers.js, int8, defaults': 8, 'transformers.js, int8, one thread': 5 };

function inspectRows({ sides }: PeerComparison): RatioRow[] {
  return sides
    .filter(({ side }) => side in inspectNames)
    .flatMap(({ side, wallRatio, cpuRatio }) => rowsOf(inspectNames[side] ?? side, { 'wall clock': wallRatio, CPU: cpuRatio }, inspectTargets[side]));
}

function squadRows({ peers }: SquadBench): RatioRow[] {
  return peers.sides
    .filter(({ side }) => side !== 'align-squad')
    .flatMap(({ side, wallRatio, cpuRatio }) => rowsOf(side.replace('transformers.js, ', ''), { 'wall clock': wallRatio, CPU: cpuRatio }, squadTargets[side]));
}

function decodeRows({ scenarios }: DecodeBench): RatioRow[] {
  return scenarios.flatMap(({ name, sides }) =>
    sides.filter(({ side }) => !side.startsWith('align-squad')).flatMap(({ side, ratio }) => rowsOf(name.replace('beside a heap of ', 'heap '), { [side]: ratio }, undefined)),
  );
}

function rowsOf(side: string, ratios: Readonly<Record<string, Spread>>, target: number | undefined): RatioRow[] {
  return Object.entries(ratios).map(([measure, spread]) => ({ side, measure, ...spread, ...(target === undefined ? {} : { target }) }));
}

function loadRows(file: string, { variants }: LoadBench): LoadRow[] {
  const phases = { 'import': 'importMs', 'load': 'loadMs', 'first inspection': 'firstInspectionMs' } as const;
  return variants.flatMap((variant) =>
    Object.entries(phases).map(([phase, key], order) => ({ run: `${file}, ${variant.workers === 0 ? 'calling thread' : `workers: ${variant.workers}`}`, phase, order, milliseconds: variant[key].median })),
  );
}
