import { parseWith } from '@align-squad/core';
import type { Pack } from '@align-squad/onnx';
import { z } from 'zod';

const schema: z.ZodType<{ phrases: string[] }> = z.strictObject({ phrases: z.array(z.string().min(1)) });

/** The phrases of an edit tagger's pack. Rejects with `pack-invalid`. */
export async function readPhrases(pack: Pack, file: string): Promise<readonly string[]> {
  return parseWith(schema, await pack.readJson(file), { what: `phrases in ${file}`, code: 'pack-invalid' }).phrases;
}
