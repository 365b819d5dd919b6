import { AlignSquadError } from '@align-squad/core';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { EvaluationRow } from '@align-squad/eval';
import { paths } from '../paths.js';
import { readThirdParty, type LabelledResponse, type RankedPair } from '../sources.js';

/** A third-party set that is there. */
export interface ThirdPartyFile {
  readonly file: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly records: readonly (LabelledResponse | RankedPair)[];
}

/** Reads a third-party set; undefined where its file is absent. @throws AlignSquadError `invalid-dataset` for one that can't be read. */
export async function readThirdPartyFile(name: string): Promise<ThirdPartyFile | undefined> {
  const path = `${paths.thirdParty}${name}.jsonl.gz`;
  try {
    const sha256 = createHash('sha256').update(await readFile(path)).digest('hex');
    return { file: basename(path), sha256, records: await readThirdParty<LabelledResponse | RankedPair>(name) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new AlignSquadError(`The data file ${basename(path)} could not be read as gzipped JSON Lines.`, { code: 'invalid-dataset', cause: error });
  }
}

/** The validation part of a set of labelled replies as rows of one criterion; its training part is what the pack learned from. */
export function validationRows({ file, records }: ThirdPartyFile, criterion: string): EvaluationRow[] {
  return records.flatMap((record, index) => {
    if (!('misaligned' in record) || record.split !== 'val') return [];
    const { prompt, response, misaligned } = record;
    return [{ id: `${file} ${index + 1}`, exchange: { prompt, response }, labels: { [criterion]: misaligned === 1 }, isClean: false }];
  });
}
