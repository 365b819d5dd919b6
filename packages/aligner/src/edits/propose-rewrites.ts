import { promptText, splitSentences, type Exchange, type SpanScore } from '@align-squad/core';
import type { Bank } from '../pack/bank.js';
import { blend, dot, type EmbedText } from '../pack/text-vectors.js';
import { editSentences, faultySentences, type SentenceEdit } from './sentence-edits.js';

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
}

const sentenceChoices = 3;
const responseChoices = 4;
const contextChoices = 2;
// Context beyond this many sentences is not searched for replacements.
const mostContextSentences = 200;

/**
 * Rewrites that may mend a response, in no order, none twice: faulty sentences left out, replaced by sentences of the
 * context or of the bank, or the whole answer replaced by one of the bank.
 */
export async function proposeRewrites(request: ProposalRequest, sources: ProposalSources): Promise<string[]> {
  const { exchange, spans } = request;
  const prompt = await sources.embed(promptText(exchange.prompt));
  const proposals = new Set<string>();
  for (const faulty of faultySentences(spans, sources.sentenceThreshold)) {
    for (const text of await editsOf(faulty, prompt, request, sources)) proposals.add(text);
  }
  const answers = sources.bank.search(prompt, { kind: 'response', leastSimilarity: sources.leastSimilarity.response, count: responseChoices });
  for (const { text } of answers) proposals.add(text);
  proposals.delete(exchange.response);
  return [...proposals].filter((text) => text.trim() !== '');
}

async function editsOf(
  faulty: readonly number[],
  prompt: Float32Array,
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
  const support = await nearestContextSentences(exchange, vector, embed);
  const replacements = [...found.map(({ text }) => text), ...support].filter((text) => !exchange.response.includes(text));
  return [
    ...(faulty.length < spans.length ? [edit(faulty.map((index) => [index, { type: 'delete' }]))] : []),
    ...replacements.map((text) => edit([[first, { type: 'replace', text }], ...others])),
  ];
}

async function nearestContextSentences({ context = '' }: Exchange, vector: Float32Array, embed: EmbedText): Promise<string[]> {
  const sentences = splitSentences(context)
    .slice(0, mostContextSentences)
    .map(({ start, end }) => context.slice(start, end).trim())
    .filter((sentence) => sentence !== '');
  const scored: { sentence: string; similarity: number }[] = [];
  for (const sentence of sentences) scored.push({ sentence, similarity: dot(vector, await embed(sentence)) });
  return scored.sort((a, b) => b.similarity - a.similarity).slice(0, contextChoices).map(({ sentence }) => sentence);
}
