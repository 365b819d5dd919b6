// Compares gradients with those of PyTorch: npm run conformance -- [--fixtures DIR] [--json FILE]
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import { checkGradients } from '../packages/onnx/src/graph/conformance/check-gradients.js';
import { findFixtures, type Fixture } from './conformance/find-fixtures.js';
import { formatConformance, isConformant, type GraphReport } from './conformance/report.js';

const vendored = fileURLToPath(new URL('../packages/onnx/fixtures/gradients', import.meta.url));
const { values } = parseArgs({ options: { fixtures: { type: 'string', default: vendored }, json: { type: 'string' } } });

async function check({ name, model, reference }: Fixture): Promise<GraphReport> {
  try {
    return { name, ...(await checkGradients(await readFile(model), await readFile(reference))) };
  } catch (error) {
    const { code, message } = toAlignSquadError(error, `Could not check ${name}; are its model and its reference there?`, 'conformance');
    return { name, failure: `${code}: ${message}` };
  }
}

try {
  const reports: GraphReport[] = [];
  for (const fixture of await findFixtures(values.fixtures)) reports.push(await check(fixture));
  process.stdout.write(formatConformance(reports));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ schemaVersion: 1, reports }, null, 2)}\n`);
  if (!isConformant(reports)) process.exitCode = 1;
} catch (error) {
  if (!AlignSquadError.isInstance(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
