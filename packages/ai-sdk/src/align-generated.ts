import type { BoundSquad } from '@align-squad/embedded';
import { reportResult, type AlignReport, type AlignResult } from '@align-squad/squad';
import { withReport } from './align-metadata.js';
import type { GenerateResult, ModelPart } from './model-types.js';
import { isPassing, isReasoning, type ReasoningMode } from './part-kinds.js';

/** How the texts of one call are aligned. */
export interface CallAlignment {
  readonly bound: BoundSquad;
  readonly prompt: string | undefined;
  readonly context: string | undefined;
  readonly reasoning: ReasoningMode;
  readonly signal: AbortSignal | undefined;
}

/**
 * Aligns what a model generated: all of its text as one, each reasoning text on its own. Text that had to change
 * stands where the first text part stood. What repeats raw text is left out: the body of the response and, where
 * anything was changed or dropped, the provider's metadata, which may quote it.
 */
export async function alignGenerated(result: GenerateResult, alignment: CallAlignment): Promise<GenerateResult> {
  const parts = result.content.filter(({ type }) => type === 'text' || type === 'reasoning' || isPassing(type));
  const given = alignment.reasoning === 'drop' ? parts.filter(({ type }) => !isReasoning(type)) : parts;
  const textParts = given.filter(({ type }) => type === 'text');
  const reasoningParts = alignment.reasoning === 'align' ? given.filter(({ type }) => type === 'reasoning') : [];
  const [text, ...reasoned] = await Promise.all([
    alignText(textParts.map(textOf).join(''), alignment),
    ...reasoningParts.map((part) => alignText(textOf(part), alignment)),
  ]);
  const rewritten = new Map([...textsOf(textParts, text), ...reasoningParts.flatMap((part, index) => textsOf([part], reasoned[index]))]);
  const content = given.flatMap((part): readonly ModelPart[] => {
    const replacement = rewritten.get(part);
    if (replacement === undefined) return [part];
    return replacement === '' ? [] : [{ type: part.type, text: replacement }];
  });
  const isIntact = rewritten.size === 0 && given.length === parts.length;
  const { structuredOutputText: _repeated, response, providerMetadata, ...rest } = result;
  const { body: _raw, ...responseRest } = response ?? {};
  return {
    ...rest,
    content,
    ...(response && { response: responseRest }),
    providerMetadata: withReport(isIntact ? providerMetadata : undefined, {
      texts: reportsOf([text]),
      reasoning: reportsOf(reasoned),
    }),
  };
}

async function alignText(response: string, { bound, prompt, context, signal }: CallAlignment): Promise<AlignResult | undefined> {
  return response === '' ? undefined : bound.align({ prompt, context, response }, { signal });
}

/** The new texts of parts whose joined text was aligned; none when it stayed as it was. */
function textsOf(parts: readonly ModelPart[], result: AlignResult | undefined): [ModelPart, string][] {
  if (result === undefined || result.response === result.original) return [];
  return parts.map((part, index) => [part, index === 0 ? result.response : '']);
}

function textOf({ text = '' }: ModelPart): string {
  return text;
}

function reportsOf(results: readonly (AlignResult | undefined)[]): AlignReport[] {
  return results.flatMap((result) => (result ? [reportResult(result)] : []));
}
