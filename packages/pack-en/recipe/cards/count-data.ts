import type { PackManifest } from '@align-squad/onnx';
import { countSharedPrompts } from '../../../../tools/evaluate/read-triples.js';
import type { Report } from '../report.js';
import { readTriples, type Triple } from '../sources.js';
import { splitForCalibration } from '../split.js';
import { sentenceTexts } from '../triple-units.js';
import { dataSetNotes } from './data-set-notes.js';
import type { CountedSet, PackMeasurement, TripleCounts } from './measurement.js';
import { readThirdPartyFile } from './third-party-file.js';

/** Counts the records of both splits of the triples. */
export async function countSplits(): Promise<PackMeasurement['splits']> {
  const [train, dev] = [await readTriples('train'), await readTriples('dev')];
  return {
    train: countTriples(train),
    dev: countTriples(dev),
    calibration: splitForCalibration(train).calibration.length,
    promptsInTrain: countSharedPrompts(dev, train),
  };
}

/** Counts records by criterion, and how many answers have one faulty sentence. */
export function countTriples(triples: readonly Triple[]): TripleCounts {
  const byCriterion: Record<string, { records: number; identity: number; withContext: number }> = {};
  for (const { criterion, identity, context } of triples) {
    const counts = (byCriterion[criterion] ??= { records: 0, identity: 0, withContext: 0 });
    counts.records += 1;
    counts.identity += identity ? 1 : 0;
    counts.withContext += context === null ? 0 : 1;
  }
  const misaligned = triples.filter(({ identity }) => !identity);
  return { records: triples.length, byCriterion, oneFaultySentence: misaligned.filter(hasOneFaultySentence).length, misaligned: misaligned.length };
}

function hasOneFaultySentence({ misaligned, aligned }: Triple): boolean {
  const kept = new Set(sentenceTexts(aligned));
  const sentences = sentenceTexts(misaligned);
  return sentences.length > 1 && sentences.filter((sentence) => !kept.has(sentence)).length === 1;
}

/** The sets of a manifest with what is in their files; says where manifest and file differ. */
export async function countSets(sets: NonNullable<PackManifest['data']>, report: Report): Promise<CountedSet[]> {
  const counted: CountedSet[] = [];
  for (const set of sets) {
    const name = dataSetNotes[set.name]?.file;
    const file = name === undefined ? undefined : await readThirdPartyFile(name);
    if (name !== undefined && file === undefined) report(`${set.name}: not there, not counted`);
    if (file !== undefined && set.rows !== undefined && file.records.length !== set.rows) {
      report(`${set.name}: the manifest says ${set.rows} rows, the file has ${file.records.length}`);
    }
    counted.push(file === undefined ? set : { ...set, counted: { rows: file.records.length, splits: countBySplit(file.records) } });
  }
  return counted;
}

function countBySplit(records: readonly object[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records) {
    if ('split' in record && typeof record.split === 'string') counts[record.split] = (counts[record.split] ?? 0) + 1;
  }
  return counts;
}
