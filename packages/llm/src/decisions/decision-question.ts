import { AlignSquadError } from '@align-squad/core';
import { z } from 'zod';

/** A question about an input: which of its choices holds, or whether it is true. */
export type DecisionQuestion =
  | { readonly id: string; readonly type: 'choice'; readonly question: string; /** 2 to 255 different ones. */ readonly choices: readonly string[] }
  | { readonly id: string; readonly type: 'boolean'; readonly question: string };

/** The probability of each choice, in all 1; of a boolean question those of `true` and `false`. */
export type DecisionProbabilities = Readonly<Record<string, number>>;

// Servers round what they tell.
const sumTolerance = 0.02;

const isUnique = (values: readonly string[]): boolean => new Set(values).size === values.length;

const questionSchema: z.ZodType<DecisionQuestion> = z.discriminatedUnion('type', [
  z.strictObject({
    id: z.string().min(1),
    type: z.literal('choice'),
    question: z.string().min(1),
    choices: z.array(z.string().min(1)).min(2).max(255).refine(isUnique),
  }),
  z.strictObject({ id: z.string().min(1), type: z.literal('boolean'), question: z.string().min(1) }),
]);

/** Schema of the questions of one request: 1 to 200, each with another id. */
export const decisionQuestionsSchema: z.ZodType<readonly DecisionQuestion[]> = z
  .array(questionSchema)
  .min(1)
  .max(200)
  .refine((questions) => isUnique(questions.map(({ id }) => id)));

/** A question as `POST /decisions` takes it. */
export function toWireQuestion(question: DecisionQuestion): Readonly<Record<string, unknown>> {
  const { id: name, question: instructions } = question;
  if (question.type === 'boolean') return { type: 'predicate', name, instructions };
  return { type: 'choice', name, instructions, choices: question.choices.map((value) => ({ value })) };
}

const probabilitySchema = z.number().min(0).max(1);

const answersSchema = z.object({
  answers: z.array(
    z.union([
      z.object({ type: z.literal('predicate'), name: z.string(), probability: probabilitySchema }),
      z.object({ type: z.literal('choice'), name: z.string(), probabilities: z.array(z.object({ value: z.string(), probability: probabilitySchema })) }),
      z.object({ type: z.literal('refusal'), name: z.string() }),
    ]),
  ),
});

type WireAnswer = z.infer<typeof answersSchema>['answers'][number];

/**
 * Reads what `POST /decisions` answered, by id.
 * @throws AlignSquadError `generator-failed` when a question was refused, or has no whole distribution over its choices.
 */
export function readDecisions(questions: readonly DecisionQuestion[], response: unknown): Readonly<Record<string, DecisionProbabilities>> {
  const parsed = answersSchema.safeParse(response);
  if (!parsed.success) throw failed('The answer of the server is not a decision in the form of the OpenAI API.');
  const byName = new Map(parsed.data.answers.map((answer) => [answer.name, answer]));
  return Object.fromEntries(
    questions.map((question, index) => [question.id, readProbabilities(question, byName.get(question.id), `question ${index + 1} of ${questions.length}`)]),
  );
}

function readProbabilities(question: DecisionQuestion, answer: WireAnswer | undefined, where: string): DecisionProbabilities {
  if (answer?.type === 'refusal') throw failed(`The model refused to answer ${where}.`);
  if (question.type === 'boolean' && answer?.type === 'predicate') return { true: answer.probability, false: 1 - answer.probability };
  const told = question.type === 'choice' && answer?.type === 'choice' ? answer.probabilities : [];
  const choices = question.type === 'choice' ? question.choices : [];
  const probabilities = new Map(told.map(({ value, probability }) => [value, probability]));
  const sum = told.reduce((total, { probability }) => total + probability, 0);
  const isWhole = told.length === choices.length && choices.every((choice) => probabilities.has(choice)) && Math.abs(sum - 1) <= sumTolerance;
  if (!isWhole) throw failed(`The server gave no probabilities over the choices of ${where}.`);
  return Object.fromEntries(choices.map((choice) => [choice, (probabilities.get(choice) ?? 0) / sum]));
}

function failed(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'generator-failed' });
}
