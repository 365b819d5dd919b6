// Compares gradients with those of PyTorch: npm run conformance -- [--fixtures DIR] [--json FILE]
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AlignSquadError } from '@align-squad/core';
import { checkGradients, type GradientReport } from '../packages/onnx/src/graph/conformance/check-gradients.js';
import { formatConformance, isConformant, type GraphReport } from './conformance/report.js';

const vendored = fileURLToPath(new URL('../packages/onnx/fixtures/gradients', import.meta.url));
const { values } = parseArgs({ options: { fixtures: { type: 'string', default: vendored }, json: { type: 'string' } } });

interface Fixture {
  readonly name: string;
  readonly model: string;
  readonly reference: string;
}

async function listOf(folder: string): Promise<string[]> {
  return (await readdir(folder).catch((): string[] => [])).sort();
}

async function findFixtures(folder: string): Promise<Fixture[]> {
  const exported = (await listOf(join(folder, 'autograd'))).filter((file) => file.endsWith('.onnx')).map((file): Fixture => {
    const path = join(folder, 'autograd', file);
    return { name: file.replace('.onnx', ''), model: path, reference: path.replace('.onnx', '.safetensors') };
  });
  const cached = (await listOf(join(folder, 'kv-cache'))).map((name): Fixture => {
    const path = join(folder, 'kv-cache', name);
    return { name: `${name} with cache`, model: join(path, 'onnx/model.onnx'), reference: join(path, 'ref.safetensors') };
  });
  return [...exported, ...cached];
}

async function check({ name, model, reference }: Fixture): Promise<GraphReport> {
  try {
    const report: GradientReport = await checkGradients(await readFile(model), await readFile(reference));
    return { name, ...report };
  } catch (error) {
    if (!AlignSquadError.isInstance(error)) throw error;
    return { name, failure: `${error.code}: ${error.message}` };
  }
}

const fixtures = await findFixtures(values.fixtures);
const reports: GraphReport[] = [];
for (const fixture of fixtures) reports.push(await check(fixture));
process.stdout.write(formatConformance(reports));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ schemaVersion: 1, reports }, null, 2)}\n`);
if (!isConformant(reports)) process.exitCode = 1;
