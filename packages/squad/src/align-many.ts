import type { Exchange } from '@align-squad/core';
import { alignBatch } from './align-exchanges.js';
import { flatMapOrdered, type OrderedWork } from './flat-map-ordered.js';
import type { AlignManyOptions } from './options.js';
import { paperBatchSize } from './paper-order.js';
import { assertIterable, parseExchangeAt } from './parse-exchanges.js';
import { resolveAlignManyOptions, type ResolvedAlignOptions, type ResolvedSquadOptions } from './resolve-options.js';
import type { AlignResult } from './result.js';

/** Exchanges, or bare responses, as many as there are. */
export type ExchangeSource = Iterable<Exchange | string> | AsyncIterable<Exchange | string>;

type Work = OrderedWork<unknown, AlignResult>;

/** The results of all exchanges, in order; options are checked with the first `next`, each exchange in its place. */
export function alignMany(
  squad: ResolvedSquadOptions,
  exchanges: ExchangeSource,
  callOptions: AlignManyOptions | undefined,
): AsyncGenerator<AlignResult, void, undefined> {
  return flatMapOrdered<unknown, AlignResult>(() => {
    assertIterable(exchanges);
    const options = resolveAlignManyOptions(callOptions, squad);
    return options.order === 'paper' ? batchWork(squad, exchanges, options) : singleWork(squad, exchanges, options);
  });
}

/** Each exchange on its own: on a CPU the padding of a batch costs more than batching wins. */
function singleWork(squad: ResolvedSquadOptions, source: ExchangeSource, options: ResolvedAlignOptions): Work {
  return {
    source,
    concurrency: options.concurrency,
    signal: options.signal,
    map: async (value, index, signal) => alignBatch(squad, [parseExchangeAt(value, index)], { ...options, signal }),
  };
}

/** Batch by batch, as the paper orders the criteria by the means of a batch. */
function batchWork(squad: ResolvedSquadOptions, source: ExchangeSource, options: ResolvedAlignOptions): Work {
  return {
    source: inBatches(parseEach(source), paperBatchSize),
    concurrency: 1,
    signal: options.signal,
    // a cast, because the two kinds of work share one type and this one's items are batches
    map: async (batch, _index, signal) => alignBatch(squad, batch as Exchange[], { ...options, signal }),
  };
}

async function* parseEach(exchanges: ExchangeSource): AsyncGenerator<Exchange, void, undefined> {
  let index = 0;
  for await (const exchange of exchanges) yield parseExchangeAt(exchange, index++);
}

/** Batches of a source; where it fails, what came before is given first. */
async function* inBatches<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T[], void, undefined> {
  let batch: T[] = [];
  try {
    for await (const item of source) {
      batch.push(item);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}
