import { z } from 'zod';
import type { DatagenRequest, TokenUsage } from './request.js';

/** What a million tokens of a model cost, in the unit of the budget. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

/** Prices by the name of the model. */
export type ModelPrices = Readonly<Record<string, TokenPrice>>;

const price = z.number().min(0);

/** Schema of `ModelPrices`. */
export const modelPricesSchema: z.ZodType<ModelPrices> = z.record(z.string(), z.strictObject({ input: price, output: price }));

/** What so many tokens cost, in the unit of the price; without a price nothing. */
export function costOf({ input, output }: TokenUsage, tokenPrice: TokenPrice | undefined): number {
  return tokenPrice === undefined ? 0 : (input * tokenPrice.input + output * tokenPrice.output) / 1e6;
}

/** The most that an executor may spend over all of its runs. */
export interface ExecutorBudget {
  /** Input and output tokens together. @default no limit */
  readonly tokens?: number | undefined;
  /** Money, in the unit of `prices`. @default no limit */
  readonly money?: number | undefined;
  /** Prices by model; all models that are asked must be there when `money` is given. */
  readonly prices?: ModelPrices | undefined;
}

/** What was spent, or may be. */
export interface Spending {
  readonly tokens: number;
  readonly money: number;
}

/** A part of the budget that an attempt holds while it is in progress. */
export interface Reservation {
  readonly model: string;
  readonly worst: Spending;
}

/** Keeps account, so that the sum of what was spent and of what is in progress never goes beyond the budget. */
export interface BudgetAccount {
  readonly spent: Spending;
  /** Holds the most that a request can cost; nothing when that does not fit any more. */
  reserve(request: DatagenRequest): Reservation | undefined;
  /** Ends a reservation with what the attempt cost: nothing, what the server told, or `worst` when nobody knows. */
  settle(reservation: Reservation, cost: TokenUsage | 'nothing' | 'worst'): void;
  /** Whether the model of a request has a price, where one is needed. */
  isPriced(request: DatagenRequest): boolean;
}

// What chat templates add, default system prompts included.
const tokensPerRequest = 64;
const tokensPerMessage = 16;
// No bound is known over all models; this is above what common ones count for a picture of usual size.
const tokensPerImage = 16_384;

/** An account of `budget` with nothing spent. */
export function createBudgetAccount({ tokens = Number.POSITIVE_INFINITY, money = Number.POSITIVE_INFINITY, prices }: ExecutorBudget): BudgetAccount {
  const spent = { tokens: 0, money: 0 };
  const held = { tokens: 0, money: 0 };
  const priceOf = (model: string): TokenPrice | undefined => (prices && Object.hasOwn(prices, model) ? prices[model] : undefined);
  const spendingOf = (model: string, usage: TokenUsage): Spending => ({ tokens: usage.input + usage.output, money: costOf(usage, priceOf(model)) });
  return {
    get spent() {
      return { ...spent };
    },
    isPriced: ({ body }) => money === Number.POSITIVE_INFINITY || priceOf(body.model) !== undefined,
    reserve({ body }) {
      const worst = spendingOf(body.model, { input: mostInputTokens(body), output: body.maxTokens });
      if (spent.tokens + held.tokens + worst.tokens > tokens || spent.money + held.money + worst.money > money) return undefined;
      held.tokens += worst.tokens;
      held.money += worst.money;
      return { model: body.model, worst };
    },
    settle({ model, worst }, cost) {
      held.tokens -= worst.tokens;
      held.money -= worst.money;
      if (cost === 'nothing') return;
      const real = cost === 'worst' ? worst : spendingOf(model, cost);
      spent.tokens += real.tokens;
      spent.money += real.money;
    },
  };
}

/** Most tokens that the messages and schema of a body can be: no usual tokenizer makes more than one token of a byte. */
export function mostInputTokens({ messages, schema }: DatagenRequest['body']): number {
  const parts = messages.flatMap(({ content }): readonly number[] =>
    typeof content === 'string' ? [Buffer.byteLength(content)] : content.map((part) => (part.type === 'text' ? Buffer.byteLength(part.text) : tokensPerImage)),
  );
  const schemaBytes = schema ? Buffer.byteLength(JSON.stringify(schema)) : 0;
  return parts.reduce((sum, size) => sum + size, tokensPerRequest + schemaBytes + messages.length * tokensPerMessage);
}
