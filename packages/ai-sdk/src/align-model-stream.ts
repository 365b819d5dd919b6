import { alignParts, reportResult, type AlignReport, type PartRole, type StreamEnd, type StreamEvent } from '@align-squad/squad';
import type { CallAlignment } from './align-generated.js';
import { withReport } from './align-metadata.js';
import type { Metadata, ModelPart } from './model-types.js';
import { isPassing, isReasoning, type ReasoningMode } from './part-kinds.js';
import { readableOf } from './readable-of.js';
import { withoutRawText } from './without-raw-text.js';

/** What was seen of a stream so far. */
interface StreamState {
  readonly ended: { readonly id: string; readonly end: StreamEnd }[];
  /** Of each text, what came last with a piece of it, such as a signature. */
  readonly metadata: Map<string, Metadata>;
  hasDropped: boolean;
}

/**
 * Aligns the texts of a model's stream, each id on its own and by `alignParts`. As in a generated result, metadata of
 * the provider is given only where the text that it belongs to was released as it is.
 */
export function alignModelStream(source: ReadableStream<ModelPart>, alignment: CallAlignment): ReadableStream<ModelPart> {
  const { bound, prompt, context, reasoning } = alignment;
  const state: StreamState = { ended: [], metadata: new Map(), hasDropped: false };
  const left = new AbortController();
  const scope = alignment.signal ? AbortSignal.any([alignment.signal, left.signal]) : left.signal;
  const watched = source.pipeThrough(watchParts(state, reasoning), { signal: scope });
  const aligned = alignParts(watched, {
    roleOf: (part) => roleOf(part, reasoning),
    align: async function* (text, id, stop): AsyncGenerator<StreamEvent> {
      for await (const event of bound.alignStream(text, { prompt, context, signal: AbortSignal.any([scope, stop]) })) {
        if (event.type === 'end') state.ended.push({ id, end: event });
        yield event;
      }
    },
    textPart: (delta, { type, id }) => ({ type, id, delta }),
    endPart: (part, ends) => (part.type === 'finish' ? finishPart(part, state) : textEnd(part, ends.get(channelOf(part)), state)),
  });
  return readableOf(aligned, left);
}

/** Notes what is not given on, and takes raw text out of errors. */
function watchParts(state: StreamState, reasoning: ReasoningMode): TransformStream<ModelPart, ModelPart> {
  return new TransformStream({
    transform: (part, controller) => {
      if (reasoning === 'drop' && isReasoning(part.type)) state.hasDropped = true;
      if (isTextDelta(part) && part.providerMetadata) state.metadata.set(channelOf(part), part.providerMetadata);
      controller.enqueue(part.type === 'error' ? { ...part, error: withoutRawText(part.error) } : part);
    },
  });
}

function roleOf(part: ModelPart, reasoning: ReasoningMode): PartRole {
  const { type, delta = '' } = part;
  if (type === 'finish') return { kind: 'end' };
  if (isReasoning(type) && reasoning !== 'align') return { kind: reasoning === 'drop' ? 'drop' : 'pass' };
  if (isTextDelta(part)) return { kind: 'text', id: channelOf(part), text: delta };
  if (type === 'text-end' || type === 'reasoning-end') return { kind: 'end', ids: [channelOf(part)] };
  return { kind: isPassing(type) ? 'pass' : 'drop' };
}

function isTextDelta({ type }: ModelPart): boolean {
  return type === 'text-delta' || type === 'reasoning-delta';
}

/** A text and a reasoning text may have the same id. */
function channelOf({ type, id = '' }: ModelPart): string {
  return `${isReasoning(type) ? 'reasoning' : 'text'}:${id}`;
}

function isIntact(end: StreamEnd | undefined): boolean {
  return end === undefined || end.released === end.result.original;
}

function textEnd(part: ModelPart, end: StreamEnd | undefined, { metadata }: StreamState): ModelPart {
  if (!isIntact(end)) return { type: part.type, id: part.id };
  const providerMetadata = part.providerMetadata ?? metadata.get(channelOf(part));
  return { ...part, ...(providerMetadata && { providerMetadata }) };
}

function finishPart(part: ModelPart, { ended, hasDropped }: StreamState): ModelPart {
  const reportsOf = (kind: string): AlignReport[] =>
    ended.flatMap(({ id, end }) => (id.startsWith(kind) ? [reportResult(end.result)] : []));
  const isWhole = !hasDropped && ended.every(({ end }) => isIntact(end));
  const report = { texts: reportsOf('text:'), reasoning: reportsOf('reasoning:') };
  return { ...part, providerMetadata: withReport(isWhole ? part.providerMetadata : undefined, report) };
}
