import { costOf, type ModelPrices } from '../executors/budget.js';
import type { TokenUsage } from '../executors/request.js';
import type { PlannedRequest } from '../stages/stage.js';
import type { AskedStage, StageProgress } from './ask-stage.js';
import type { Journal } from './journal.js';

/** How far a stage is, and what it cost. */
export interface StageSpending extends StageProgress {
  /** What the answers of the stage cost, those of earlier starts among them; absent without prices. */
  readonly cost?: number | undefined;
}

/** Counts what the answers of a stage cost; a stage may ask several models, and an answer does not tell its own. */
export interface StageCosts<Source, Result> {
  /** The stage to ask in place of the one that was given. */
  readonly stage: AskedStage<Source, Result>;
  /** The journal to ask it with. */
  readonly journal: Journal;
  cost(): number;
}

/** Watches the requests of a stage leave its plan, and their answers pass the journal; holds the requests in progress. */
export function watchCosts<Source, Result>(stage: AskedStage<Source, Result>, journal: Journal, prices: ModelPrices): StageCosts<Source, Result> {
  const asked = new Map<string, string>();
  // Tokens are added up and not money, whose sum would depend on the order of the answers.
  const tokens = new Map(Object.keys(prices).map((model) => [model, { input: 0, output: 0 }]));
  const count = (id: string, usage: TokenUsage | undefined): void => {
    const counted = tokens.get(asked.get(id) ?? '');
    asked.delete(id);
    if (!counted || !usage) return;
    counted.input += usage.input;
    counted.output += usage.output;
  };
  async function* plan(): AsyncGenerator<PlannedRequest<Source>> {
    for await (const planned of stage.plan()) {
      asked.set(planned.request.id, planned.request.body.model);
      yield planned;
    }
  }
  const watched: Journal = {
    get size() {
      return journal.size;
    },
    get damaged() {
      return journal.damaged;
    },
    has: (id) => journal.has(id),
    async read(id) {
      const answer = await journal.read(id);
      if (answer) count(id, answer.ok ? answer.usage : undefined);
      return answer;
    },
    async append(answer) {
      await journal.append(answer);
      count(answer.id, answer.ok ? answer.usage : undefined);
    },
    close: () => journal.close(),
  };
  return { stage: { ...stage, plan }, journal: watched, cost: () => [...tokens].reduce((sum, [model, usage]) => sum + costOf(usage, prices[model]), 0) };
}
