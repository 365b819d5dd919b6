/** Body of a request to `/v1/decisions`, as far as the test server reads it. */
export interface DecisionRequestBody {
  readonly model: string;
  readonly input: unknown;
  readonly questions: readonly {
    readonly type: string;
    readonly name?: string | undefined;
    readonly instructions: string;
    readonly choices?: readonly { readonly value: string | boolean; readonly description?: string | undefined }[] | undefined;
  }[];
}

/** The probability of each choice, by name and choice; `refused` for a question that the model declines. */
export type DecidedAnswers = Readonly<Record<string, Readonly<Record<string, number>> | 'refused'>>;

/** The answers to the questions of a body, in the shape of OpenAI's Decisions API. Questions without an answer are left out. */
export function decisionResponse({ model, questions }: DecisionRequestBody, decided: DecidedAnswers): Readonly<Record<string, unknown>> {
  const answers = questions.flatMap(({ type, name = '' }) => {
    const probabilities = decided[name];
    if (probabilities === undefined) return [];
    if (probabilities === 'refused') return [{ type: 'refusal', name }];
    if (type === 'predicate') return [{ type, name, probability: probabilities['true'] }];
    const all = Object.entries(probabilities).map(([value, probability]) => ({ value, probability }));
    const [likeliest] = [...all].sort((a, b) => b.probability - a.probability);
    return [{ type, name, choice: likeliest?.value, confidence: likeliest?.probability, probabilities: all }];
  });
  return { model, answers, usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 } };
}
