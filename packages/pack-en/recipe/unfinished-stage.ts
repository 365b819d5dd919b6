import { splitSentences, type Inspector, type Verdict } from '@align-squad/core';
import { createPackInspector, parseInspectorManifest } from '@align-squad/inspector';
import { openPack, writePackManifest } from '@align-squad/onnx';
import { paths } from './paths.js';
import type { Report } from './report.js';
import { readTriples, type Triple } from './sources.js';
import { splitForCalibration } from './split.js';
import { exchangeOf } from './triple-units.js';

/** How often aligned answers may be flagged before their end, as a share of answers. */
const mostFlagged = 0.01;
/** A criterion that finds less than this share of its misaligned answers before their end is judged at the end only. */
const leastFound = 0.1;

/** What the beginnings of one criterion's answers scored at most. */
interface BeginningScores {
  readonly aligned: number[];
  readonly misaligned: number[];
}

/** Measures the pack's own encoder and puts the `unfinishedThreshold` of each criterion into its manifest. */
export async function writeUnfinishedThresholds(report: Report): Promise<void> {
  const pack = await openPack(paths.pack);
  await using inspector = await createPackInspector(pack);
  const thresholds = await unfinishedThresholds(inspector);
  const { files, ...manifest } = pack.manifest;
  const section = parseInspectorManifest(manifest.inspector);
  const heads = section.heads.map((head) => {
    const unfinished = thresholds[head.criterion] ?? null;
    return { ...head, unfinishedThreshold: unfinished === null ? null : Math.max(head.threshold, unfinished) };
  });
  await writePackManifest(paths.pack, { ...manifest, inspector: { ...section, heads } }, Object.keys(files));
  for (const { criterion, unfinishedThreshold } of heads) report(`${criterion}: unfinished answers are flagged from ${String(unfinishedThreshold)}`);
}

/**
 * The least threshold of each criterion that flags at most 1 % of the aligned calibration answers in any
 * of their beginnings (one sentence, two sentences, ... all but the last); null where it finds under 10 % of the misaligned ones.
 */
async function unfinishedThresholds(inspector: Inspector): Promise<Record<string, number | null>> {
  const { calibration } = splitForCalibration(await readTriples('train'));
  const scores = new Map(inspector.criteria.map((criterion): [string, BeginningScores] => [criterion, { aligned: [], misaligned: [] }]));
  for (const triple of calibration) {
    for (const [criterion, own] of scores) {
      const mayBeFlagged = triple.criterion === criterion && !triple.identity;
      const aligned = await worstBeginning(inspector, triple, triple.aligned, criterion);
      if (aligned !== undefined) own.aligned.push(aligned);
      const misaligned = mayBeFlagged ? await worstBeginning(inspector, triple, triple.misaligned, criterion) : undefined;
      if (misaligned !== undefined) own.misaligned.push(misaligned);
    }
  }
  return Object.fromEntries([...scores].map(([criterion, own]) => [criterion, thresholdOf(own)]));
}

async function worstBeginning(inspector: Inspector, triple: Triple, response: string, criterion: string): Promise<number | undefined> {
  const beginnings = splitSentences(response).slice(0, -1).map(({ end }) => exchangeOf(triple, response.slice(0, end)));
  if (beginnings.length === 0) return undefined;
  const inspections = await inspector.inspect(beginnings, { criteria: [criterion] });
  const judged = inspections
    .map((inspection) => inspection[criterion])
    .filter((verdict): verdict is Verdict => verdict !== undefined && verdict.status !== 'unknown');
  return judged.length === 0 ? undefined : Math.max(...judged.map(({ misalignment }) => misalignment));
}

function thresholdOf({ aligned, misaligned }: BeginningScores): number | null {
  const sorted = [...aligned].sort((a, b) => b - a);
  const allowed = Math.floor(mostFlagged * sorted.length);
  const first = sorted[allowed];
  if (first === undefined) return null;
  // What is as high as the first that must pass is not flagged either.
  const threshold = Math.min(1, Math.ceil((first + 1e-5) * 1e5) / 1e5);
  const found = misaligned.filter((score) => score >= threshold).length;
  return found < leastFound * misaligned.length ? null : threshold;
}
