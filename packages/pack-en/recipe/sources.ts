import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parseTriples, type TripleRecord } from '@align-squad/eval';
import { paths } from './paths.js';

/** A record of the project's triples, under the criteria that this pack serves. */
export interface Triple extends TripleRecord {
  readonly criterion: 'ethical' | 'factual' | 'helpful' | 'clean';
}

/** A labelled response of a third-party set. */
export interface LabelledResponse {
  readonly prompt: string;
  readonly response: string;
  readonly misaligned: 0 | 1;
  readonly split?: string | undefined;
}

/** A worse and a better text of a third-party set. */
export interface RankedPair {
  readonly prompt: string;
  readonly bad: string;
  readonly good: string;
}

function parseLines<T>(text: string): T[] {
  // The files are named in the data card; their fields are described in its README.
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

/** Reads one split of the triples. */
export async function readTriples(split: 'train' | 'dev'): Promise<Triple[]> {
  // The vendored triples hold these criteria and no others.
  return parseTriples(await readFile(`${paths.triples}${split}.jsonl`, 'utf8')) as Triple[];
}

/** Reads a gzipped third-party set of labels or pairs. */
export async function readThirdParty<T extends LabelledResponse | RankedPair>(name: string): Promise<T[]> {
  return parseLines(gunzipSync(await readFile(`${paths.thirdParty}${name}.jsonl.gz`)).toString('utf8'));
}

/** Reads a text set as paragraphs of at least 80 characters; needs the `xz` program. */
export async function readParagraphs(name: 'text-openstax' | 'text-novels'): Promise<string[]> {
  const { stdout } = await promisify(execFile)('xz', ['-dc', `${paths.thirdParty}${name}.txt.xz`], { maxBuffer: 2 ** 28 });
  return stdout.split('\n').filter((line) => line.length >= 80);
}
