import type { Triple } from './sources.js';

/** Sets a twelfth of the training records apart, by id, to choose the epoch, calibrate and set thresholds. */
export function splitForCalibration(triples: readonly Triple[]): { training: Triple[]; calibration: Triple[] } {
  const isCalibration = ({ id }: Triple): boolean => Number.parseInt(id.slice(0, 6), 16) % 12 === 0;
  return { training: triples.filter((triple) => !isCalibration(triple)), calibration: triples.filter(isCalibration) };
}
