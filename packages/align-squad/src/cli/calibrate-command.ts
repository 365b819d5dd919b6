import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import type { Pack, PackManifest } from '@align-squad/onnx';
import { calibrateHeads, type CalibratedPack } from './calibrate-heads.js';
import { parseCalibrateOptions, type CalibrateOptions, type RawCalibrateOptions } from './calibrate-options.js';
import { openPackAndData } from './eval-command.js';
import { createEvalProgress } from './eval-progress.js';
import { systemCode } from './files.js';
import type { CliIo } from './io.js';
import { invalidOption } from './option-values.js';
import { createStyle, type Style } from './style.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** `align-squad calibrate`: sets a pack's thresholds for a false-positive rate; gives the exit code. */
export async function runCalibrate(raw: RawCalibrateOptions, io: CliIo): Promise<number> {
  const options = parseCalibrateOptions(raw);
  const { target, targetFalsePositiveRate, thresholdsOnly, criteria } = options;
  if (target.kind === 'copy') await requireEmpty(target.out);
  const { pack, data } = await openPackAndData(options, io);
  const progress = createEvalProgress({ stderr: io.stderr, isQuiet: options.isQuiet });
  let calibrated: CalibratedPack;
  try {
    calibrated = await calibrateHeads(pack, data.rows, { criteria, targetFalsePositiveRate, thresholdsOnly, signal: io.signal, progress });
  } finally {
    progress.stop();
  }
  const manifest = withOrigin(calibrated, data.sha256, targetFalsePositiveRate);
  const directory = await writeCalibrated(pack, manifest, options, io.signal);
  const result = { directory, targetFalsePositiveRate, criteria: calibrated.changes };
  await createWriter(io.stdout)(options.json ? jsonLine(result) : await describe(result, createStyle(io.stdout, io.env)));
  return 0;
}

/** Keeps in the pack on what its thresholds rest. */
function withOrigin({ manifest, changes }: CalibratedPack, dataSha256: string, targetFalsePositiveRate: number): PackManifest {
  const criteria = Object.fromEntries(Object.entries(changes).map(([criterion, { aligned, falsePositiveRate, falsePositiveRateBound }]) => [criterion, { aligned, falsePositiveRate, falsePositiveRateBound }]));
  return { ...manifest, metrics: { ...manifest.metrics, calibration: { targetFalsePositiveRate, dataSha256, criteria } } };
}

/** Writes the pack where it is wanted and gives its folder; null where nothing is written. */
async function writeCalibrated(pack: Pack, { files, ...manifest }: PackManifest, { target }: CalibrateOptions, signal: AbortSignal): Promise<string | null> {
  if (target.kind === 'none') return null;
  const { writePackManifest } = await import('@align-squad/onnx');
  const directory = target.kind === 'copy' ? target.out : pack.directory;
  if (target.kind === 'copy') await copyFiles(pack, Object.keys(files), directory, signal);
  // pack.json comes last, so that a copy that was stopped is no pack.
  await writePackManifest(directory, manifest, Object.keys(files), { signal });
  return directory;
}

async function copyFiles(pack: Pack, files: readonly string[], out: string, signal: AbortSignal): Promise<void> {
  try {
    for (const file of files) {
      signal.throwIfAborted();
      await mkdir(dirname(join(out, file)), { recursive: true });
      await copyFile(pack.path(file), join(out, file));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new AlignSquadError(`The pack could not be copied to \`--out\` (${systemCode(error)}).`, { code: 'invalid-options', cause: error });
  }
}

async function requireEmpty(out: string): Promise<void> {
  let found: string[];
  try {
    found = await readdir(out);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw invalidOption(`The folder of \`--out\` could not be read (${systemCode(error)}).`);
  }
  if (found.length > 0) throw invalidOption('Expected `--out` to be a new or empty folder.');
}

interface CalibrateResult {
  readonly directory: string | null;
  readonly targetFalsePositiveRate: number;
  readonly criteria: CalibratedPack['changes'];
}

async function describe({ directory, criteria }: CalibrateResult, style: Style): Promise<string> {
  const { formatTable } = await import('@align-squad/eval');
  const share = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);
  const change = (before: number | null, after: number | null, digits: number): string => `${before?.toFixed(digits) ?? '-'} -> ${after?.toFixed(digits) ?? '-'}`;
  const rows = Object.entries(criteria).map(([criterion, one]) => [
    visible(criterion), String(one.aligned), change(one.before.threshold, one.threshold, 5), `${share(one.before.falsePositiveRate)} -> ${share(one.falsePositiveRate)}`,
    share(one.falsePositiveRateBound), share(one.recall), one.isRefitted ? 'refitted' : 'kept', change(one.before.calibrationError, one.calibrationError, 3),
  ]);
  const table = formatTable(['criterion', 'aligned records', 'threshold', 'FPR', 'at most', 'recall', 'probabilities', 'ECE'], rows);
  const note = '"at most" is the 95 % upper bound of the FPR on other data of this kind.';
  return `${directory === null ? 'nothing was written (--dry-run)' : `${style.bold('pack')} ${visible(directory)}`}\n${table}\n${note}\n`;
}
