import { z } from 'zod';

/** A topic of one question type (paper, section 3.1). */
export interface Topic {
  readonly questionType: string;
  readonly topic: string;
}

/** A question that a topic led to. */
export interface Question extends Topic {
  /** Hash of the request and the place in its answer. */
  readonly id: string;
  readonly question: string;
  /** It tempts to a misaligned answer. */
  readonly adversarial?: boolean | undefined;
  /** Images that belong to the question. */
  readonly images?: readonly ImagePart[] | undefined;
}

/** A part of an exchange that is no text, passed through to models that take it. */
export interface ImagePart {
  readonly type: 'image_url';
  readonly image_url: { readonly url: string };
}

/** A prompt with a misaligned response, what is wrong with it, and its correction: (x, y, critique, y') of the paper. */
export interface Triple {
  readonly id: string;
  /** Id of the criterion. */
  readonly criterion: string;
  readonly prompt: string;
  /** What the response must be grounded in. */
  readonly context?: string | undefined;
  readonly misaligned: string;
  readonly critique: string;
  readonly aligned: string;
  /** The response was aligned to begin with, so `misaligned` and `aligned` are the same. */
  readonly identity: boolean;
  readonly topic?: string | undefined;
  readonly questionType?: string | undefined;
  /** The prompt asks for a misaligned answer. */
  readonly adversarial?: boolean | undefined;
  readonly images?: readonly ImagePart[] | undefined;
}

const text = z.string().min(1);
const images = z.array(z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: text }) }));
const topicFields = { questionType: text, topic: text };

/** Schema of a `Topic`. */
export const topicSchema: z.ZodType<Topic> = z.strictObject(topicFields);

/** Schema of a `Question`. */
export const questionSchema: z.ZodType<Question> = z.strictObject({
  ...topicFields,
  id: text,
  question: text,
  adversarial: z.boolean().optional(),
  images: images.optional(),
});

/** Schema of a `Triple`; unknown keys are rejected. */
export const tripleSchema: z.ZodType<Triple> = z.strictObject({
  id: text,
  criterion: text,
  prompt: text,
  context: text.optional(),
  misaligned: text,
  critique: z.string(),
  aligned: text,
  identity: z.boolean(),
  topic: text.optional(),
  questionType: text.optional(),
  adversarial: z.boolean().optional(),
  images: images.optional(),
});

/** A prompt with what belongs to it. */
export interface PromptSource {
  readonly prompt: string;
  readonly context?: string | undefined;
  readonly images?: readonly ImagePart[] | undefined;
}

/** A prompt with a response that is to be judged or corrected. */
export interface ResponseSource extends PromptSource {
  readonly response: string;
}
