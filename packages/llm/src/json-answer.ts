import { z } from 'zod';

/** A JSON object of a model, also from inside a code fence; undefined for anything else. */
export function parseJsonAnswer<T>(schema: z.ZodType<T>, answer: string): T | undefined {
  const unfenced = answer.trim().replace(/^```(?:json)?\s*/u, '').replace(/\s*```$/u, '');
  try {
    return schema.safeParse(JSON.parse(unfenced)).data;
  } catch {
    return undefined;
  }
}

/** A JSON schema without the key that names the dialect, which servers refuse. */
export function serverSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema) as Record<string, unknown>;
  return rest;
}
