import { z } from 'zod';

/** A triple as a file holds it (paper, section 3.1): a misaligned response and its correction. */
export interface Triple {
  readonly criterion?: string | undefined;
  readonly prompt?: string | undefined;
  readonly context?: string | null | undefined;
  readonly misaligned: string;
  readonly aligned: string;
  readonly identity?: boolean | undefined;
  readonly weight?: number | undefined;
}

/** The `criterion` of triples whose text is aligned for every criterion. */
export const cleanCriterion = 'clean';

/** Schema of `Triple`; other fields are left alone. */
export const tripleSchema: z.ZodType<Triple> = z.object({
  criterion: z.string().min(1).optional(),
  prompt: z.string().optional(),
  context: z.string().nullable().optional(),
  misaligned: z.string().min(1),
  aligned: z.string().min(1),
  identity: z.boolean().optional(),
  weight: z.number().min(0).optional(),
});

/** The line looks like a triple, and is checked as one. */
export function isTriple(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'misaligned' in value && 'aligned' in value;
}

/** The text was aligned to begin with. */
export function isIdentity({ identity, criterion, misaligned, aligned }: Triple): boolean {
  return identity === true || criterion === cleanCriterion || misaligned === aligned;
}
