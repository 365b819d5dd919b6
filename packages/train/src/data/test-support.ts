import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Tensor } from '@align-squad/onnx';
import { onTestFinished } from 'vitest';
import type { InspectorRecord } from './inspector-records.js';
import { readJsonLines, type JsonLine, type JsonLinesOptions, type RecordSource } from './json-lines.js';

/** Writes a file that goes when the test ends and returns its path; gzipped where the name ends in .gz. */
export async function dataFile(name: string, content: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-data-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, name.endsWith('.gz') ? gzipSync(content) : content);
  return path;
}

/** One JSON text a line. */
export function toLines(...values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** All lines of a source. */
export async function allLines(source: RecordSource, options?: JsonLinesOptions): Promise<JsonLine[]> {
  const lines: JsonLine[] = [];
  for await (const line of readJsonLines(source, options)) lines.push(line);
  return lines;
}

/** A labelled response. */
export function inspectorRecord(line: number, fields: Partial<InspectorRecord> = {}): InspectorRecord {
  return { exchange: { response: `response ${line}` }, labels: {}, weight: 1, line, promptKey: `prompt ${line}`, ...fields };
}

/** The numbers of a tensor, row by row. */
export function rowsOf(tensor: Tensor | undefined): number[][] {
  const width = tensor?.dims.slice(1).reduce((product, size) => product * size, 1) ?? 0;
  const numbers = Array.from(tensor?.data ?? [], Number);
  return Array.from({ length: tensor?.dims[0] ?? 0 }, (_, row) => numbers.slice(row * width, (row + 1) * width));
}
