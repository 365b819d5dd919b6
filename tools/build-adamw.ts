// Assembles packages/train/src/optimizer/adamw.wat into the bytes that adamw-module.ts embeds.
import { readFile, writeFile } from 'node:fs/promises';
import wabt from 'wabt';

const folder = new URL('../packages/train/src/optimizer/', import.meta.url);
const source = await readFile(new URL('adamw.wat', folder), 'utf8');
const assembler = await wabt();
const { buffer } = assembler.parseWat('adamw.wat', source, { simd: true }).toBinary({});
const lines = [
  '// Generated from adamw.wat by tools/build-adamw.ts.',
  '',
  '/** The assembled module of adamw.wat, as base64. */',
  `export const adamwModule = '${Buffer.from(buffer).toString('base64')}';`,
  '',
];
await writeFile(new URL('adamw-module.ts', folder), lines.join('\n'));
