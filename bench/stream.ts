// Times alignStream with the embedded pack on a paced source and prints a StreamBench as JSON; bench/main.ts starts it.
import { loadavg } from 'node:os';
import { createPackAligner } from '@align-squad/aligner';
import { splitSentences, type Inspector } from '@align-squad/core';
import { percentile } from '@align-squad/eval';
import { createPackInspector } from '@align-squad/inspector';
import { openPack } from '@align-squad/onnx';
import { packDirectory } from '@align-squad/pack-en';
import { alignStream, type SquadOptions } from '@align-squad/squad';
import { readTriples } from '../tools/evaluate/read-triples.js';
import type { StreamBench, StreamComparison, StreamRun } from './stream-bench.js';

const prompt = 'Tell me something.';
const pieceCharacters = 4;
const stopSeconds = 15;
const cases = [
  { charactersPerSecond: 140, characters: 1400 },
  { charactersPerSecond: 5000, characters: 10_000 },
] as const;
// as much as alignStream takes by default
const contextCharacters = 500;

interface Paced {
  readonly text: string;
  readonly charactersPerSecond: number;
}

/** Gives the pieces on time; one that was late to be asked for comes at once. */
async function* paced({ text, charactersPerSecond }: Paced, startedMs: number): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += pieceCharacters) {
    const waitMs = startedMs + arrivalMs(start, charactersPerSecond) - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    yield text.slice(start, start + pieceCharacters);
  }
}

/** When the source has the character at `index`, from its start. */
function arrivalMs(index: number, charactersPerSecond: number): number {
  return ((Math.floor(index / pieceCharacters) + 1) * pieceCharacters * 1000) / charactersPerSecond;
}

/** Keeps when which stretch of the source was released. */
function createClock({ text, charactersPerSecond }: Paced, startedMs: number): { release: (start: number, end: number) => void; run: (inspectorCalls: number) => StreamRun } {
  const cpu = process.cpuUsage();
  const holds: number[] = [];
  let firstMs = 0;
  let last = { index: 0, ms: 1 };
  return {
    release(start, end) {
      const ms = performance.now() - startedMs;
      if (holds.length === 0) firstMs = ms;
      last = { index: end, ms };
      for (let index = start; index < end; index += 1) holds.push(ms - arrivalMs(index, charactersPerSecond));
    },
    run: (inspectorCalls) => {
      const { user, system } = process.cpuUsage(cpu);
      return {
        share: (last.index / last.ms) * (1000 / charactersPerSecond),
        firstMs,
        holdP50Ms: percentile(holds, 50),
        holdP95Ms: percentile(holds, 95),
        inspectorCalls,
        cpuLoad: (user + system) / 1e6 / (last.index / charactersPerSecond),
        reached: last.index / text.length,
      };
    },
  };
}

async function runStream(squad: SquadOptions, source: Paced): Promise<{ run: StreamRun } & Pick<StreamComparison, 'windows' | 'rewritten' | 'withheld'>> {
  const startedMs = performance.now();
  const clock = createClock(source, startedMs);
  let window = { start: 0, end: 0 };
  const outcomes: string[] = [];
  let inspectorCalls = 0;
  const events = alignStream(squad, paced(source, startedMs), { prompt, wholeOnly: ['helpful'], closing: 'none' });
  for await (const event of events) {
    if (event.type === 'verdict') {
      window = event.window;
      outcomes.push(event.outcome);
    }
    if (event.type === 'text') clock.release(window.start, window.end);
    if (event.type === 'end') inspectorCalls = event.result.timing.inspectorCalls;
  }
  const rewritten = outcomes.filter((outcome) => outcome === 'aligned').length;
  const clean = outcomes.filter((outcome) => outcome === 'clean').length;
  return { run: clock.run(inspectorCalls), windows: outcomes.length, rewritten, withheld: outcomes.length - rewritten - clean };
}

/** The obvious way: all of the text so far is inspected at every piece; a piece that makes it fail is left out. */
async function runPerPiece(inspector: Inspector, source: Paced): Promise<StreamRun> {
  const startedMs = performance.now();
  const clock = createClock(source, startedMs);
  let [released, place, inspectorCalls] = ['', 0, 0];
  for await (const piece of paced(source, startedMs)) {
    const [inspection = {}] = await inspector.inspect([{ prompt, response: released + piece }], { criteria: ['ethical', 'factual'] });
    inspectorCalls += 1;
    if (Object.values(inspection).every(({ status }) => status !== 'flag')) released += piece;
    clock.release(place, (place += piece.length));
    if (performance.now() - startedMs > stopSeconds * 1000) break;
  }
  return clock.run(inspectorCalls);
}

/** Sentences that pass, or are flagged, behind the text before them. */
async function pickText(inspector: Inspector, characters: number, misalignedEvery: number): Promise<string> {
  const { records } = await readTriples(new URL('../data/triples/dev.jsonl', import.meta.url));
  const sentencesOf = (text: string): string[] => splitSentences(text).map(({ start, end }) => `${text.slice(start, end).trim()} `);
  const clean = records.filter(({ criterion }) => criterion !== 'factual').flatMap(({ aligned }) => sentencesOf(aligned)).values();
  const misaligned = records.filter(({ criterion }) => criterion === 'ethical').flatMap((record) => sentencesOf(record.misaligned)).values();
  const kept: string[] = [];
  let length = 0;
  while (length < characters) {
    const wanted = (kept.length + 1) % misalignedEvery === 0 ? 'flag' : 'pass';
    const { value: sentence, done } = (wanted === 'flag' ? misaligned : clean).next();
    if (done === true) break;
    const before = kept.filter((_, index) => (index + 1) % misalignedEvery !== 0).join('').slice(-contextCharacters);
    const [inspection] = await inspector.inspect([{ prompt, response: before + sentence }], { criteria: ['ethical'] });
    if (inspection?.['ethical']?.status !== wanted) continue;
    kept.push(sentence);
    length += sentence.length;
  }
  return kept.join('');
}

async function measure(squad: SquadOptions, inspector: Inspector): Promise<StreamBench> {
  const comparisons: StreamComparison[] = [];
  for (const { charactersPerSecond, characters } of cases) {
    for (const every of [Infinity, 10]) {
      const source = { text: await pickText(inspector, characters, every), charactersPerSecond };
      const { run, ...windows } = await runStream(squad, source);
      const perPiece = await runPerPiece(inspector, source);
      const text = every === 10 ? 'one sentence of ten misaligned' : 'clean';
      comparisons.push({ charactersPerSecond, characters: source.text.length, ...windows, text, alignStream: run, perPiece });
    }
  }
  return { pieceCharacters, stopSeconds, comparisons, loadAverage: loadavg()[0] ?? 0 };
}

const pack = await openPack(packDirectory);
const inspector = await createPackInspector(pack);
const aligner = await createPackAligner(pack, { inspector });
try {
  process.stdout.write(JSON.stringify(await measure({ inspectors: [inspector], aligners: [aligner] }, inspector)));
} finally {
  await aligner.dispose();
  await inspector.dispose();
}
