import { exchangeSchema, type Exchange, type Inspection, type Verdict } from '@align-squad/core';
import type { TracingAttributes, TracingSpan } from './tracer.js';

/** Which exchange of a call something is recorded of. */
export interface RecordedExchange {
  /** Ids that the backend serves: no other string becomes part of a span, as it could be text that went astray. */
  readonly criteria: readonly string[];
  /** Place in the batch, from 0. */
  readonly index: number;
}

const statuses: readonly unknown[] = ['pass', 'flag', 'unknown'] satisfies Verdict['status'][];
const reasons: readonly unknown[] = ['no-context', 'empty', 'failed'] satisfies Verdict['reason'][];

/**
 * Adds one `gen_ai.evaluation.result` event (GenAI semantic conventions) a criterion. Its score is P(misaligned), its label
 * the status, its explanation why a verdict is unknown. Whatever else an inspector gives is left out.
 */
export function recordInspection(span: TracingSpan, inspection: Inspection | undefined, { criteria, index }: RecordedExchange): void {
  if (!span.isRecording()) return;
  for (const criterion of criteria) {
    const verdict = inspection && Object.hasOwn(inspection, criterion) ? inspection[criterion] : undefined;
    if (!verdict) continue;
    const { status, misalignment, threshold, reason } = verdict;
    span.addEvent('gen_ai.evaluation.result', {
      'gen_ai.evaluation.name': criterion,
      ...(typeof misalignment === 'number' && { 'gen_ai.evaluation.score.value': misalignment }),
      ...(statuses.includes(status) && { 'gen_ai.evaluation.score.label': status }),
      ...(reason && reasons.includes(reason) && { 'gen_ai.evaluation.explanation': reason }),
      ...(reason === 'failed' && { 'error.type': 'inspector-failed' }),
      ...(typeof threshold === 'number' && { 'align_squad.threshold': threshold }),
      'align_squad.exchange.index': index,
    });
  }
}

/** Adds an `align_squad.exchange` event with the texts of an exchange, for `captureText` only. */
export function recordExchange(span: TracingSpan, exchange: Exchange | string, index: number): void {
  if (!span.isRecording()) return;
  // Whether it is an exchange at all is for the backend to say.
  const parsed = exchangeSchema.safeParse(typeof exchange === 'string' ? { response: exchange } : exchange);
  if (!parsed.success) return;
  const { prompt, context, response } = parsed.data;
  const turns = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  span.addEvent('align_squad.exchange', {
    'align_squad.exchange.index': index,
    ...(turns && { 'gen_ai.input.messages': toMessages(turns) }),
    ...(context !== undefined && { 'align_squad.context': context }),
    'gen_ai.output.messages': toMessages([{ role: 'assistant', content: response }]),
  });
}

/** Adds an `align_squad.rewrite` event with the text of a rewrite, for `captureText` only. */
export function recordRewrite(span: TracingSpan, rewrite: string, index: number): void {
  const messages = toMessages([{ role: 'assistant', content: rewrite }]);
  span.addEvent('align_squad.rewrite', { 'align_squad.exchange.index': index, 'gen_ai.output.messages': messages });
}

/** The served criteria that a call asks for. */
export function askedCriteria(served: readonly string[], asked: unknown): string[] {
  return Array.isArray(asked) ? served.filter((id) => asked.includes(id)) : [...served];
}

/** The attributes that every span of ours starts with. */
export function startAttributes(operation: string, criteria: readonly string[], more: TracingAttributes): TracingAttributes {
  return { 'gen_ai.operation.name': operation, 'align_squad.criteria': [...criteria], ...more };
}

// The conventions' form of messages, as JSON, since attributes can't be nested.
function toMessages(turns: readonly { readonly role: string; readonly content: string }[]): string {
  return JSON.stringify(turns.map(({ role, content }) => ({ role, parts: [{ type: 'text', content }] })));
}
