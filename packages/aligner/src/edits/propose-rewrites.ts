import { promptText, splitSentences, type Exchange, type SpanScore } from '@align-squad/core';
import type { Bank } from '../pack/bank.js';
import { blend, dot, type EmbedText } from '../pack/text-vectors.js';
import { editSentences, faultySentences, type SentenceEdit } from './sentence-edits.js';
import { proposeWordSwaps } from './word-swaps.js';

/** What rewrites are proposed from. */
export interface ProposalSources {
  readonly bank: Bank;
  readonly embed: EmbedText;
  readonly sentenceThreshold: number;
  readonly leastSimilarity: { readonly sentence: number; readonly response: number };
}

/** What is to be rewritten. */
export interface ProposalRequest {
  readonly exchange: Exchange;
  readonly criterion: string;
  /** Sentences of the response with their P(misaligned) under the criterion. */
  readonly spans: readonly SpanScore[];
  readonly signal?: AbortSignal | undefined;
}

const sentenceChoices = 3;
const responseChoices = 4;
const contextChoices = 2;
// Context beyond this many sentences or characters is not searched for replacements.
const mostContextSentences = 200;
const mostContextLength = 400_000;

/**
 * Rewrites that may mend a response, in no order, none twice: faulty sentences left out, replaced by sentences of the
 * context or of the bank, or with one number or name exchanged for one of the context; and, where there is no context
 * to answer from, the whole answer replaced by one of the bank.
 */
export async function proposeRewrites(request: ProposalRequest, sources: ProposalSources): Promise<string[]> {
  const { exchange, spans } = request;
  const prompt = await sources.embed(promptText(exchange.prompt));
  const faulty = faultySentences(spans, sources.sentenceThreshold);
  const support = faulty.length === 0 ? [] : await embedContext(request, sources.embed);
  const proposals = new Set<string>();
  for (const indices of faulty) {
    for (const text of await editsOf(indices, { prompt, support }, request, sources)) proposals.add(text);
  }
  const isGrounded = (exchange.context ?? '').trim() !== '';
  const query = { kind: 'response', leastSimilarity: sources.leastSimilarity.response, count: responseChoices } as const;
  for (const { text } of isGrounded ? [] : sources.bank.search(prompt, query)) proposals.add(text);
  proposals.delete(exchange.response);
  return [...proposals].filter((text) => text.trim() !== '');
}

interface EmbeddedSentence {
  readonly sentence: string;
  readonly vector: Float32Array;
}

interface Embedded {
  readonly prompt: Float32Array;
  readonly support: readonly EmbeddedSentence[];
}

async function editsOf(
  faulty: readonly number[],
  { prompt, support }: Embedded,
  { exchange, criterion, spans }: ProposalRequest,
  { bank, embed, leastSimilarity }: ProposalSources,
): Promise<string[]> {
  const edit = (edits: readonly (readonly [number, SentenceEdit])[]): string => editSentences(exchange.response, spans, new Map(edits));
  const others = faulty.slice(1).map((index) => [index, { type: 'delete' }] as const);
  const [first = 0] = faulty;
  const span = spans[first];
  const sentence = span ? exchange.response.slice(span.start, span.end).trim() : '';
  const vector = await embed(sentence);
  const found = bank.search(blend(prompt, vector), { kind: 'sentence', criterion, leastSimilarity: leastSimilarity.sentence, count: sentenceChoices });
  const passages = nearestSentences(support, vector);
  const swaps = proposeWordSwaps(sentence, exchange.context ?? '', passages);
  const replacements = [...swaps, ...found.map(({ text }) => text), ...passages].filter((text) => !exchange.response.includes(text));
  return [
    ...(faulty.length < spans.length ? [edit(faulty.map((index) => [index, { type: 'delete' }]))] : []),
    ...replacements.map((text) => edit([[first, { type: 'replace', text }], ...others])),
  ];
}

async function embedContext({ exchange, signal }: ProposalRequest, embed: EmbedText): Promise<EmbeddedSentence[]> {
  const context = (exchange.context ?? '').slice(0, mostContextLength);
  const sentences = splitSentences(context)
    .slice(0, mostContextSentences)
    .map(({ start, end }) => context.slice(start, end).trim())
    .filter((sentence) => sentence !== '');
  const embedded: EmbeddedSentence[] = [];
  for (const sentence of sentences) {
    signal?.throwIfAborted();
    embedded.push({ sentence, vector: await embed(sentence) });
  }
  return embedded;
}

function nearestSentences(support: readonly EmbeddedSentence[], vector: Float32Array): string[] {
  return support
    .map(({ sentence, vector: other }) => ({ sentence, similarity: dot(vector, other) }))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, contextChoices)
    .map(({ sentence }) => sentence);
}
