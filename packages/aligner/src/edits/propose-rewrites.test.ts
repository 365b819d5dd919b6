import { splitSentences, type Exchange } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import type { Bank, BankQuery } from '../pack/bank.js';
import { proposeRewrites, type ProposalSources } from './propose-rewrites.js';

const exchange: Exchange = { prompt: 'Why?', response: 'One is good. Two is rude. Three is good.' };

interface Subject extends ProposalSources {
  readonly queries: BankQuery[];
  readonly embedded: string[];
}

/** Sources whose bank gives fixed texts; a text's vector tells its length. */
function sourcesOf(texts: Partial<Record<BankQuery['kind'], readonly string[]>> = {}): Subject {
  const queries: BankQuery[] = [];
  const embedded: string[] = [];
  const bank: Bank = {
    search(_vector, query) {
      queries.push(query);
      return (texts[query.kind] ?? []).map((text) => ({ text, similarity: 1 }));
    },
  };
  const embed = async (text: string): Promise<Float32Array> => {
    embedded.push(text);
    const angle = text.length / 100;
    return Float32Array.of(Math.cos(angle), Math.sin(angle));
  };
  return { bank, embed, sentenceThreshold: 0.5, leastSimilarity: { sentence: 0.6, response: 0.7 }, queries, embedded };
}

/** Proposals for the faulty sentences of a response. */
function propose(asked: Exchange, isFaulty: (sentence: string) => boolean, sources: ProposalSources = sourcesOf(), signal?: AbortSignal): Promise<string[]> {
  const spans = splitSentences(asked.response).map((span) => ({
    ...span,
    misalignment: isFaulty(asked.response.slice(span.start, span.end)) ? 0.9 : 0.1,
  }));
  return proposeRewrites({ exchange: asked, criterion: 'ethical', spans, signal }, sources);
}

const isRude = (sentence: string): boolean => sentence.includes('rude');

describe('proposals', () => {
  test('leave the faulty sentence out', async () => {
    expect(await propose(exchange, isRude)).toEqual(['One is good. Three is good.']);
  });

  test('leave all faulty sentences out, or the worst alone', async () => {
    const response = 'One is rude. Two is rude. Three is good.';
    expect(await propose({ response }, isRude)).toEqual(['Three is good.', 'Two is rude. Three is good.']);
  });

  test('never leave nothing', async () => {
    expect(await propose({ response: 'One is rude.' }, isRude)).toEqual([]);
  });

  test('put sentences of the bank in its place', async () => {
    const proposals = await propose(exchange, isRude, sourcesOf({ sentence: ['Two is mild.', 'Two is kind.'] }));
    expect(proposals.slice(1)).toEqual(['One is good. Two is mild. Three is good.', 'One is good. Two is kind. Three is good.']);
  });

  test('put the two nearest sentences of the context in its place', async () => {
    const context = 'Two is mild. This one is of quite another length than it. Two is kind!';
    const proposals = await propose({ ...exchange, context }, isRude);
    expect(proposals.slice(1)).toEqual(['One is good. Two is mild. Three is good.', 'One is good. Two is kind! Three is good.']);
  });

  test('do not say twice what the response says already', async () => {
    const context = 'One is good. Three is good.';
    expect(await propose({ ...exchange, context }, isRude)).toEqual(['One is good. Three is good.']);
  });

  test('replace the whole answer by one of the bank', async () => {
    const proposals = await propose(exchange, isRude, sourcesOf({ response: ['All is well.'] }));
    expect(proposals).toEqual(['One is good. Three is good.', 'All is well.']);
  });

  test('are neither the original nor blank, and none comes twice', async () => {
    const texts = { sentence: ['Two is mild.', 'Two is mild.'], response: [exchange.response, 'One is good. Two is mild. Three is good.', ' \n'] };
    const proposals = await propose({ ...exchange, context: 'Two is mild.' }, isRude, sourcesOf(texts));
    expect(proposals).toEqual(['One is good. Three is good.', 'One is good. Two is mild. Three is good.']);
  });

  test('are those of the bank alone where no sentence is known', async () => {
    const sources = sourcesOf({ sentence: ['Two is mild.'], response: ['All is well.'] });
    expect(await proposeRewrites({ exchange, criterion: 'ethical', spans: [] }, sources)).toEqual(['All is well.']);
  });
});

test('the bank is asked for sentences of the criterion, and for answers of any', async () => {
  const sources = sourcesOf();
  await propose(exchange, isRude, sources);
  expect(sources.queries).toEqual([
    { kind: 'sentence', criterion: 'ethical', leastSimilarity: 0.6, count: 3 },
    { kind: 'response', leastSimilarity: 0.7, count: 4 },
  ]);
});

describe('a long exchange', () => {
  test('embeds at most 200 sentences of the context, each once', async () => {
    const sources = sourcesOf();
    const context = Array.from({ length: 2000 }, (_, index) => `Sentence ${index} is here.`).join(' ');
    await propose({ context, response: 'One is rude. Two is rude. Three is good.' }, isRude, sources);
    expect(sources.embedded.filter((text) => text.startsWith('Sentence'))).toHaveLength(200);
    expect(sources.embedded.length).toBeLessThanOrEqual(203);
  });

  test('has no more proposals, searches and embeddings than a short one', async () => {
    const count = async (times: number): Promise<number[]> => {
      const sources = sourcesOf({ sentence: ['Two is mild.', 'Two is kind.', 'Two is calm.'], response: ['All is well.'] });
      const response = 'One is good. Two is rude. '.repeat(times);
      const proposals = await propose({ response }, isRude, sources);
      return [proposals.length, sources.queries.length, sources.embedded.length];
    };
    expect(await count(20_000)).toEqual(await count(2));
  });

  test("stops at the signal between two sentences of the context, with the signal's reason", async () => {
    const controller = new AbortController();
    const sources = sourcesOf();
    const reason = { aborted: 'by a test' };
    const embed = (text: string): Promise<Float32Array> => {
      if (text === 'B.') controller.abort(reason);
      return sources.embed(text);
    };
    const proposing = propose({ ...exchange, context: 'A. \nB. \nC.' }, isRude, { ...sources, embed }, controller.signal);
    await expect(proposing).rejects.toBe(reason);
    expect(sources.embedded).not.toContain('C.');
  });
});
