import { z } from 'zod';

/** Special tokens that a tokenizer puts around a text. */
export interface TextFrame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const templateSchema = z.looseObject({
  type: z.literal('TemplateProcessing'),
  single: z.array(z.union([z.looseObject({ SpecialToken: z.looseObject({ id: z.string() }) }), z.looseObject({ Sequence: z.unknown() })])),
  special_tokens: z.record(z.string(), z.looseObject({ ids: z.array(z.int().min(0)) })),
});

const namedToken = z.tuple([z.string(), z.int().min(0)]);
const bertSchema = z.looseObject({ type: z.enum(['BertProcessing', 'RobertaProcessing']), cls: namedToken, sep: namedToken });
const sequenceSchema = z.looseObject({ type: z.literal('Sequence'), processors: z.array(z.unknown()) });

const none: TextFrame = { before: [], after: [] };

/** The frame that the post-processor of a tokenizer.json gives one text; an empty one where there is no such thing. */
export function readTextFrame(postProcessor: unknown): TextFrame {
  const sequence = sequenceSchema.safeParse(postProcessor);
  if (sequence.success) {
    return sequence.data.processors.map(readTextFrame).find(({ before, after }) => before.length + after.length > 0) ?? none;
  }
  const bert = bertSchema.safeParse(postProcessor);
  if (bert.success) return { before: [bert.data.cls[1]], after: [bert.data.sep[1]] };
  const template = templateSchema.safeParse(postProcessor);
  if (!template.success) return none;
  const { single, special_tokens } = template.data;
  const at = single.findIndex((part) => 'Sequence' in part);
  const idsOf = (parts: typeof single): number[] =>
    parts.flatMap((part) => ('SpecialToken' in part ? (special_tokens[z.looseObject({ id: z.string() }).parse(part.SpecialToken).id]?.ids ?? []) : []));
  return at < 0 ? none : { before: idsOf(single.slice(0, at)), after: idsOf(single.slice(at + 1)) };
}
