import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { identifyPack } from '../../../tools/evaluate/pack-identity.js';
import type { BlindReading } from './cards/blind-reading.js';
import { dataCardPage } from './cards/data-card-page.js';
import { measurePack } from './cards/measure-pack.js';
import type { PackMeasurement } from './cards/measurement.js';
import { modelCard } from './cards/model-card.js';
import { reportPage } from './cards/report-page.js';
import { writeFiles } from './cards/write-files.js';
import { paths } from './paths.js';
import type { Report } from './report.js';

/** Files that are written from a measurement; the cards lie in the pack, so that they go wherever it goes. */
export const reportFiles = {
  measurement: `${paths.report}report.json`,
  page: `${paths.report}report.html`,
  modelCard: `${paths.pack}MODEL_CARD.md`,
  dataCard: `${paths.pack}DATA_CARD.md`,
} as const;

/** Measures the pack as it lies there and writes report.json, some minutes. */
export async function writeMeasurement(report: Report): Promise<void> {
  const measurement = await measurePack(report);
  await mkdir(paths.report, { recursive: true });
  await writeFiles([[reportFiles.measurement, `${JSON.stringify(measurement, roundNumber, 1)}\n`]]);
  report('measured: report.json is written');
}

/**
 * Writes the cards and report.html from report.json.
 * @throws AlignSquadError `pack-hash-mismatch` when report.json is of another pack, `invalid-dataset` when it is missing.
 */
export async function writeCards(report: Report): Promise<void> {
  const measurement = await readMeasurement();
  if (measurement.pack.sha256 !== (await identifyPack(paths.pack)).sha256) {
    throw new AlignSquadError('report.json is of another pack than the one in `pack/`: measure this one with `npm run report`.', { code: 'pack-hash-mismatch' });
  }
  await writeFiles(renderFiles(measurement, await readBlindReading()));
  report('MODEL_CARD.md, DATA_CARD.md and report.html are written');
}

/** The content of each file that is written from a measurement, by path. */
export function renderFiles(measurement: PackMeasurement, reading: BlindReading | null): (readonly [string, string])[] {
  return [
    [reportFiles.modelCard, modelCard(measurement, reading)],
    [reportFiles.dataCard, dataCardPage(measurement)],
    [reportFiles.page, reportPage(measurement)],
  ];
}

/** Reads blind-reading.json, which is made by people and not by the recipe; null where there is none. Rejects with `invalid-dataset`. */
export async function readBlindReading(): Promise<BlindReading | null> {
  const path = `${paths.report}blind-reading.json`;
  if (!existsSync(path)) return null;
  try {
    // Kept by hand; a test counts it.
    return JSON.parse(await readFile(path, 'utf8')) as BlindReading;
  } catch (error) {
    throw toAlignSquadError(error, 'packages/pack-en/report/blind-reading.json could not be read.', 'invalid-dataset');
  }
}

/** Reads report.json. @throws AlignSquadError `invalid-dataset`. */
export async function readMeasurement(): Promise<PackMeasurement> {
  try {
    // Written by `writeMeasurement`.
    return JSON.parse(await readFile(reportFiles.measurement, 'utf8')) as PackMeasurement;
  } catch (error) {
    throw toAlignSquadError(error, 'packages/pack-en/report/report.json could not be read: write it with `npm run report`.', 'invalid-dataset');
  }
}

/** Six digits are more than what was measured holds. */
function roundNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
