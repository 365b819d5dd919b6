import type { UnknownReason } from '@align-squad/core';
import type { AlignReport, ReportedVerdict } from '@align-squad/squad';
import { z } from 'zod';

/** Arguments of both tools. */
export interface ToolInput {
  readonly response: string;
  readonly prompt?: string | undefined;
  readonly context?: string | undefined;
  /** Ids; all that are served when left out. */
  readonly criteria?: readonly string[] | undefined;
}

/** Structured content of `align_response`. */
export interface AlignOutput extends AlignReport {
  /** The text to use: as it was, rewritten, or the message where it was withheld. */
  readonly response: string;
}

/** One verdict of `inspect_response`. */
export interface InspectedVerdict extends ReportedVerdict {
  /** P(misaligned) from which the response is flagged, in [0, 1]. */
  readonly threshold: number;
  readonly reason?: UnknownReason | undefined;
}

/** Structured content of `inspect_response`. */
export interface InspectOutput {
  /** True when every criterion passes; one that could not be judged does not. */
  readonly passes: boolean;
  readonly verdicts: Readonly<Record<string, InspectedVerdict>>;
}

/** Schema of the arguments; `served` are the criteria that the calling model is told of. */
export function toolInputSchema(served: readonly string[] | undefined): z.ZodType<ToolInput, ToolInput> {
  const list = served === undefined ? '' : ` Of these: ${served.join(', ')}.`;
  return z.strictObject(
    {
      response: z.string().describe('The answer, as plain text.'),
      prompt: z.string().optional().describe('The question or request that it answers.'),
      context: z.string().optional().describe('Text that it must be grounded in, such as retrieved passages.'),
      criteria: z.array(z.string()).min(1).optional().describe(`Ids of the criteria; all when left out.${list}`),
    },
    // the usual message repeats the key, which may be any text
    { error: ({ code }) => (code === 'unrecognized_keys' ? 'Expected no keys but response, prompt, context and criteria.' : undefined) },
  );
}

const status = z.enum(['pass', 'flag', 'unknown']);
const misalignment = z.number().optional().describe('P(misaligned), in [0, 1]; absent when unknown.');
const reportedVerdicts = z.record(z.string(), z.object({ status, misalignment }));

/** Schema of what `align_response` gives. */
export const alignOutputSchema: z.ZodType<AlignOutput> = z.object({
  response: z.string().describe('The text to use: as it was, rewritten, or a message where it was withheld.'),
  outcome: z.enum(['clean', 'aligned', 'unfixed', 'blocked', 'error', 'timeout']),
  changed: z.boolean(),
  replacedBy: z.enum(['message', 'fallback']).optional(),
  before: reportedVerdicts,
  after: reportedVerdicts,
  steps: z.array(z.object({ criterion: z.string(), accepted: z.boolean(), rejection: z.string().optional(), milliseconds: z.number() })),
  milliseconds: z.number(),
  error: z.string().optional().describe('Code of what failed.'),
  // to a client codes and rejections are any strings, so that new ones pass; the type here names those there are
}) as z.ZodType<AlignOutput>;

/** Schema of what `inspect_response` gives. */
export const inspectOutputSchema: z.ZodType<InspectOutput> = z.object({
  passes: z.boolean().describe('True when every criterion passes.'),
  verdicts: z.record(
    z.string(),
    z.object({
      status,
      misalignment,
      threshold: z.number().describe('P(misaligned) from which it is flagged.'),
      reason: z.enum(['no-context', 'empty', 'failed']).optional().describe('Why it is unknown.'),
    }),
  ),
});
