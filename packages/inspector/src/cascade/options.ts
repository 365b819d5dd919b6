import type { Inspector } from '@align-squad/core';
import { z } from 'zod';

/** Where a link is sure: it decides at P(misaligned) of `below` and less, and of `above` and more; both in [0, 1]. */
export interface SureBand {
  readonly below: number;
  readonly above: number;
}

/** One inspector of a cascade. */
export interface CascadeLink {
  readonly inspector: Inspector;
  /** Cost of a thousand exchanges that it is asked about, in any unit, for the report. @default 0 */
  readonly costPerThousand?: number | undefined;
  /**
   * Where it decides, for all criteria or by criterion id. Without one for a criterion it decides all that it can judge,
   * and so does the last link of a criterion. @default none
   */
  readonly sure?: SureBand | Readonly<Record<string, SureBand>> | undefined;
}

/** Options of `cascade`. */
export interface CascadeOptions {
  /** Names the cascade, for results and caches. @default 'cascade/1' and the versions of its links */
  readonly version?: string | undefined;
}

const bandSchema = z
  .strictObject({ below: z.number().min(0).max(1), above: z.number().min(0).max(1) })
  .refine(({ below, above }) => below <= above);

/** Schema of the links: at least one. */
export const linksSchema: z.ZodType<readonly CascadeLink[]> = z
  .array(
    z.strictObject({
      inspector: z.custom<Inspector>((value) => typeof (value as Partial<Inspector> | undefined)?.inspect === 'function'),
      costPerThousand: z.number().nonnegative().optional(),
      sure: z.union([bandSchema, z.record(z.string(), bandSchema)]).optional(),
    }),
  )
  .min(1);

/** Schema of `CascadeOptions`. */
export const cascadeOptionsSchema: z.ZodType<CascadeOptions> = z.strictObject({ version: z.string().min(1).optional() });

/** Whether a link is sure of a score. */
export function isSure({ sure }: CascadeLink, criterion: string, misalignment: number): boolean {
  const band = isBand(sure) ? sure : sure?.[criterion];
  return band === undefined || misalignment <= band.below || misalignment >= band.above;
}

function isBand(sure: CascadeLink['sure']): sure is SureBand {
  return typeof sure?.below === 'number';
}
