import { AIMessage, AIMessageChunk } from '@langchain/core/messages';
import { Runnable, type RunnableConfig } from '@langchain/core/runnables';
import { AlignSquadError, type Criterion, type Exchange } from '@align-squad/core';
import { bindSquad, type AdapterOptions, type BoundSquad } from '@align-squad/embedded';
import { alignParts } from '@align-squad/squad';
import { alignChunks, type AlignSource } from './align-chunks.js';
import { alignMessage, type AlignText } from './align-message.js';

/** What the step takes and gives: a text, a message, or a record that holds one of both. */
export type AlignInput = string | AIMessage | AIMessageChunk | Readonly<Record<string, unknown>>;

type ExchangeOf<T> = (input: T, config: Partial<RunnableConfig>) => Omit<Exchange, 'response'>;

/** Options of `createAlignRunnable`; the rest is as in `alignSquad`. */
export interface AlignRunnableOptions<T extends AlignInput = AlignInput> extends AdapterOptions {
  /** Key of the answer in a record. @default 'answer' */
  readonly answerKey?: string | undefined;
  /**
   * What the input answers, and what it must be grounded in; of a stream of texts or messages it is given the first
   * piece. @default `question` or `prompt`, and `context`, where a record has them as strings
   */
  readonly exchangeOf?: ExchangeOf<T> | undefined;
}

/**
 * A step of a chain that aligns what a chat model or a parser gives, and gives it on in the same shape. In a stream,
 * text is held until it passes. A message has a report for each of its texts in `response_metadata.align_squad`.
 * @throws AlignSquadError `invalid-options`. Calls reject as those of `alignSquad` do.
 */
export function createAlignRunnable<T extends AlignInput = AlignInput>(
  criteria?: readonly (string | Criterion)[],
  options: AlignRunnableOptions<T> = {},
): Runnable<T, T> {
  const { answerKey = 'answer', exchangeOf = exchangeOfRecord, ...rest } = options;
  if (typeof answerKey !== 'string' || typeof exchangeOf !== 'function') {
    throw new AlignSquadError('Expected `answerKey` to be a string and `exchangeOf` to be a function.', { code: 'invalid-options' });
  }
  return new AlignRunnable<T>(bindSquad(criteria, rest), answerKey, exchangeOf);
}

class AlignRunnable<T extends AlignInput> extends Runnable<T, T> {
  override lc_namespace: string[] = ['align_squad'];
  readonly #squad: BoundSquad;
  readonly #answerKey: string;
  readonly #exchangeOf: ExchangeOf<T>;

  constructor(squad: BoundSquad, answerKey: string, exchangeOf: ExchangeOf<T>) {
    super();
    this.#squad = squad;
    this.#answerKey = answerKey;
    this.#exchangeOf = exchangeOf;
  }

  static override lc_name(): string {
    return 'AlignRunnable';
  }

  override invoke(input: T, config?: Partial<RunnableConfig>): Promise<T> {
    return this._callWithConfig((value: T, current: Partial<RunnableConfig> = {}) => this.#alignWhole(value, current), input, config);
  }

  override transform(source: AsyncGenerator<T>, config?: Partial<RunnableConfig>): AsyncGenerator<T> {
    return this._transformStreamWithConfig<T, T>(source, (pieces, _manager, current = {}) => this.#alignPieces(pieces, current), config);
  }

  override async *_streamIterator(input: T, config?: Partial<RunnableConfig>): AsyncGenerator<T> {
    const once = async function* (): AsyncGenerator<T> {
      yield input;
    };
    yield* this.transform(once(), config);
  }

  async #alignWhole(input: T, config: Partial<RunnableConfig>): Promise<T> {
    const exchange = this.#exchangeOf(input, config);
    const align: AlignText = (response) => this.#squad.align({ ...exchange, response }, { signal: config.signal });
    // cast, because what comes back has the shape of the input
    return (await alignValue(input, this.#answerKey, align)) as T;
  }

  async *#alignPieces(pieces: AsyncGenerator<T>, config: Partial<RunnableConfig>): AsyncGenerator<T> {
    const first = await pieces.next();
    if (first.done === true) return;
    const all = async function* (): AsyncGenerator<T> {
      yield first.value;
      yield* pieces;
    };
    if (typeof first.value === 'string' || AIMessageChunk.isInstance(first.value)) {
      const call = this.#exchangeOf(first.value, config);
      const align: AlignSource = (source, _id, stop) => this.#squad.alignStream(source, { ...call, signal: anySignal(stop, config.signal) });
      // casts, because a stream is of one kind, that of its first piece
      yield* alignStream(all() as AsyncGenerator<never>, typeof first.value, align) as AsyncGenerator<T>;
      return;
    }
    let whole = first.value;
    for await (const piece of pieces) whole = this._concatOutputChunks(whole, piece);
    yield await this.#alignWhole(whole, config);
  }
}

function alignStream(source: AsyncGenerator<never>, type: string, align: AlignSource): AsyncGenerator<string | AIMessageChunk> {
  if (type !== 'string') return alignChunks(source, align);
  return alignParts<string>(source, { roleOf: (text) => ({ kind: 'text', id: 'text', text }), align, textPart: (text) => text });
}

async function alignValue(value: unknown, answerKey: string, align: AlignText): Promise<unknown> {
  if (isAnswer(value)) return alignAnswer(value, align);
  if (typeof value === 'object' && value !== null && answerKey in value) {
    // cast, because `in` tells TypeScript nothing of what is read
    const answer = (value as Record<string, unknown>)[answerKey];
    if (isAnswer(answer)) return { ...value, [answerKey]: await alignAnswer(answer, align) };
  }
  // the text must not be quoted
  throw new AlignSquadError(`Expected a string, an AI message, or a record with one of them as \`${answerKey}\`.`, { code: 'invalid-exchange' });
}

function isAnswer(value: unknown): value is string | AIMessage {
  return typeof value === 'string' || AIMessage.isInstance(value);
}

async function alignAnswer(answer: string | AIMessage, align: AlignText): Promise<string | AIMessage | AIMessageChunk> {
  if (typeof answer !== 'string') return alignMessage(answer, align);
  return answer.trim() === '' ? answer : (await align(answer)).response;
}

function anySignal(stop: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  return signal ? AbortSignal.any([stop, signal]) : stop;
}

function exchangeOfRecord(input: AlignInput): Omit<Exchange, 'response'> {
  if (typeof input === 'string' || AIMessage.isInstance(input)) return {};
  const { question, prompt = question, context } = input as Readonly<Record<string, unknown>>;
  return {
    ...(typeof prompt === 'string' && { prompt }),
    ...(typeof context === 'string' && { context }),
  };
}
