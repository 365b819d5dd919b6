import { AlignSquadError, parseWith, raceAbort, type Exchange, type Inspection } from '@align-squad/core';
import { criterionIds } from '@align-squad/embedded';
import type { Handler } from 'hono';
import { z } from 'zod';
import { inspectWith } from './align-routes.js';
import type { ServerEnv, ServerParts } from './parts.js';
import { readJson } from './read-json.js';

/** A question of the Decisions API, named after a criterion. */
type Question = { readonly type: 'predicate'; readonly name: string } | { readonly type: 'choice'; readonly name: string; readonly choices: readonly { readonly value: string }[] };

interface DecisionBody {
  readonly model?: string | undefined;
  readonly input: string;
  readonly questions: readonly Question[];
}

const bodySchema: z.ZodType<DecisionBody> = z.looseObject({
  model: z.string().optional(),
  input: z.string(),
  questions: z
    .array(
      z.discriminatedUnion('type', [
        z.looseObject({ type: z.literal('predicate'), name: z.string() }),
        z.looseObject({ type: z.literal('choice'), name: z.string(), choices: z.array(z.looseObject({ value: z.string() })) }),
      ]),
    )
    .min(1)
    .max(200),
});

const outcomes = ['aligned', 'misaligned'] as const;

/**
 * `POST /v1/decisions`: inspections in the form of OpenAI's Decisions API, so that the decision inspector of another
 * machine can ask this one. A question is named after a criterion: a choice of `aligned` and `misaligned`, or a predicate
 * that is true for what is aligned. What could not be judged is refused.
 */
export function decisionsRoute(parts: ServerParts): Handler<ServerEnv> {
  return async ({ req, var: { call } }) => {
    const { value } = await readJson(req.raw, { maxBytes: parts.options.maxBodyBytes, signal: call.signal });
    const { model = 'align-squad', input, questions } = parseWith(bodySchema, value, { what: 'the body to be questions', code: 'invalid-exchange' });
    questions.forEach(requireOutcomes);
    const engine = await raceAbort(parts.engine, call.signal);
    const criteria = criterionIds([...new Set(questions.map(({ name }) => name))], engine.squad.criteria);
    const inspection = await inspectWith(engine, { exchange: readInput(input), criteria, signal: call.signal });
    const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
    return Response.json({ model, answers: questions.map((question) => answer(question, inspection)), usage });
  };
}

function requireOutcomes(question: Question, index: number): void {
  if (question.type === 'predicate') return;
  const values = question.choices.map(({ value }) => value).sort();
  if (values.length === outcomes.length && outcomes.every((outcome, place) => outcome === values[place])) return;
  throw new AlignSquadError(`Expected the choices of question ${index + 1} to be \`aligned\` and \`misaligned\`.`, { code: 'invalid-exchange' });
}

/** The exchange in the input of the decision inspector, which has its texts as JSON strings on lines; any other input is a response. */
function readInput(input: string): Exchange {
  const lines = input.matchAll(/^(Question|Context|Response), as a JSON string: (".*")$/gm);
  const texts = new Map([...lines].map(([, name, json]) => [name, parseString(json)]));
  const response = texts.get('Response');
  return response === undefined ? { response: input } : { prompt: texts.get('Question'), context: texts.get('Context'), response };
}

function parseString(json = ''): string | undefined {
  try {
    // the pattern asks for quotes around it
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}

function answer({ type, name }: Question, inspection: Inspection): object {
  const verdict = inspection[name];
  if (verdict === undefined || verdict.status === 'unknown') return { type: 'refusal', name };
  const { misalignment } = verdict;
  if (type === 'predicate') return { type, name, probability: 1 - misalignment };
  const [aligned, misaligned] = outcomes;
  const probabilities = [
    { value: aligned, probability: 1 - misalignment },
    { value: misaligned, probability: misalignment },
  ];
  return { type, name, choice: misalignment > 0.5 ? misaligned : aligned, confidence: Math.max(misalignment, 1 - misalignment), probabilities };
}
