import { createRequire } from 'node:module';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { AlignSquadError, collectCorrection, type Aligner, type AlignRequest, type Inspection, type Inspector } from '@align-squad/core';
import { alignerConformance, functionAligner, functionInspector, inspectorConformance, scriptedAligner, scriptedInspector } from '@align-squad/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSquad } from '../create-squad.js';
import { withTracing } from './with-tracing.js';

// The tests' own resolution asks for the condition `module`, whose files of these packages Node can't load; Node's does not.
const load = createRequire(import.meta.url);
const { context, SpanKind, SpanStatusCode, trace } = load('@opentelemetry/api') as typeof import('@opentelemetry/api');
const { AlwaysOffSampler, BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = load(
  '@opentelemetry/sdk-trace-base',
) as typeof import('@opentelemetry/sdk-trace-base');
const { AsyncLocalStorageContextManager } = load(
  '@opentelemetry/context-async-hooks',
) as typeof import('@opentelemetry/context-async-hooks');

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('test');
beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => {
  context.disable();
  trace.disable();
});
afterEach(() => exporter.reset());

const secret = 'SECRET';
const exchanges = [{ prompt: `${secret} Hi`, context: `${secret} context`, response: `${secret} One.` }, { response: 'Two, two.' }];
const request: AlignRequest = { exchange: { prompt: secret, response: `${secret} bad` }, criterion: 'ethical' };
const inspector = functionInspector(({ response }) => (response.includes(secret) ? 0.9 : 0.1), { criteria: ['ethical', 'factual'], version: 'v@1' });
const aligner = functionAligner(() => `${secret} good`, { version: 'w@1' });

function only(): ReadableSpan {
  const spans = exporter.getFinishedSpans();
  expect(spans).toHaveLength(1);
  return spans[0] ?? expect.fail('no span');
}
const textOf = (spans: readonly ReadableSpan[]): string =>
  JSON.stringify(spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })));

describe('a traced inspector', () => {
  for (const { name, run } of inspectorConformance({ create: () => withTracing(inspector, { tracer }), exchanges })) test(name, run);
});
describe('a traced aligner', () => {
  for (const { name, run } of alignerConformance({ create: () => withTracing(aligner, { tracer }), requests: [request] })) test(name, run);
});

test('an inspection is one span, with an evaluation result a criterion and exchange', async () => {
  const traced = await withTracing(inspector, { tracer });
  await traced.inspect(exchanges, { criteria: ['ethical'] });
  const span = only();
  expect(span).toMatchObject({ name: 'evaluation', kind: SpanKind.INTERNAL, status: { code: SpanStatusCode.UNSET } });
  expect(span.attributes).toEqual({
    'gen_ai.operation.name': 'evaluation',
    'align_squad.criteria': ['ethical'],
    'align_squad.backend.version': 'v@1',
    'align_squad.batch_size': 2,
  });
  const event = (index: number, value: number, label: string): object => ({
    name: 'gen_ai.evaluation.result',
    attributes: {
      'gen_ai.evaluation.name': 'ethical',
      'gen_ai.evaluation.score.value': value,
      'gen_ai.evaluation.score.label': label,
      'align_squad.threshold': 0.5,
      'align_squad.exchange.index': index,
    },
  });
  expect(span.events).toMatchObject([event(0, 0.9, 'flag'), event(1, 0.1, 'pass')]);
});

test('a verdict that is unknown says why, and one that failed is an error of its event', async () => {
  const verdict = { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'failed' } as const;
  await (await withTracing(functionInspector(() => verdict, { criteria: ['a'] }), { tracer })).inspect([{ response: 'x' }]);
  expect(only().events[0]?.attributes).toMatchObject({
    'gen_ai.evaluation.score.label': 'unknown',
    'gen_ai.evaluation.explanation': 'failed',
    'error.type': 'inspector-failed',
  });
});

test('a rewrite is one span from the first event to the last', async () => {
  await collectCorrection(await withTracing(aligner, { tracer }), request);
  expect(only()).toMatchObject({
    name: 'align ethical',
    attributes: {
      'gen_ai.operation.name': 'align',
      'align_squad.criteria': ['ethical'],
      'align_squad.backend.version': 'w@1',
      'align_squad.candidate': 0,
      'align_squad.outcome': 'rewritten',
    },
  });
});

test('a rewrite that its reader leaves is closed, and so is its span', async () => {
  const traced = await withTracing(aligner, { tracer });
  for await (const _ of traced.align(request)) break;
  expect(only().attributes['align_squad.outcome']).toBe('closed');
});

test('what is wrapped runs inside the span, in each step of a stream too', async () => {
  const active: (string | undefined)[] = [];
  const note = (): void => void active.push(trace.getActiveSpan()?.spanContext().spanId);
  const streaming: Aligner = {
    ...aligner,
    async *align() {
      note();
      yield { type: 'text', text: 'a' };
      note();
      await Promise.resolve();
      note();
      try {
        yield { type: 'end', outcome: 'rewritten' };
      } finally {
        note();
      }
    },
  };
  await collectCorrection(await withTracing(streaming, { tracer }), request);
  const span = only();
  expect(active).toEqual([1, 2, 3, 4].map(() => span.spanContext().spanId));
  expect(trace.getActiveSpan()).toBeUndefined();
});

test('a squad is a span with its backends as children', async () => {
  const calm = functionInspector(({ response }) => (response.includes('!') ? 0.9 : 0.1), { criteria: ['calm'] });
  const soften = functionAligner(({ exchange }) => exchange.response.replaceAll('!', '.'), { criteria: ['calm'] });
  const backends = { inspectors: [await withTracing(calm, { tracer })], aligners: [await withTracing(soften, { tracer })] };
  const squad = await withTracing(createSquad(backends), { tracer });
  expect(await squad.align('No!')).toMatchObject({ outcome: 'aligned' });
  const spans = exporter.getFinishedSpans();
  const root = spans.find(({ name }) => name === 'squad align');
  expect(spans.map(({ name }) => name)).toEqual(['evaluation', 'align calm', 'evaluation', 'squad align']);
  expect(spans.slice(0, 3).map((span) => span.parentSpanContext?.spanId)).toEqual([1, 2, 3].map(() => root?.spanContext().spanId));
  expect(root?.attributes).toEqual({
    'gen_ai.operation.name': 'align',
    'align_squad.criteria': ['calm'],
    'align_squad.outcome': 'aligned',
    'align_squad.attempts': 1,
    'align_squad.inspector_calls': 2,
  });
  expect(root?.events.map(({ attributes }) => attributes?.['gen_ai.evaluation.score.label'])).toEqual(['pass']);
});

test('inspections of a squad are spans, and what failed inside is its error', async () => {
  const broken = { ...inspector, inspect: () => Promise.reject(new TypeError(secret)) };
  const squad = await withTracing(createSquad({ inspectors: [broken], aligners: [] }), { tracer });
  await squad.inspect('x');
  await squad.inspectMany(['x', 'y']);
  await squad.align('x');
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name, events }) => [name, events.length])).toEqual([['squad evaluation', 2], ['squad evaluation', 4], ['squad align', 2]]);
  expect(spans[2]).toMatchObject({ attributes: { 'align_squad.outcome': 'error', 'error.type': 'inspector-failed' }, status: { code: SpanStatusCode.ERROR } });
  expect(textOf(spans)).not.toContain(secret);
});

const aborted = AbortSignal.abort('gone');
test.each<[string, unknown, AbortSignal | undefined, string]>([
  ['an error of ours', new AlignSquadError(secret, { code: 'disposed' }), undefined, 'disposed'],
  ['an error of a third party', new TypeError(secret), undefined, '_OTHER'],
  ['something else', secret, undefined, '_OTHER'],
  ['the reason of an abort', 'gone', aborted, 'aborted'],
])('%s is recorded by code, never by its text', async (_name, thrown, signal, type) => {
  const failing: Inspector = { ...inspector, inspect: () => Promise.reject(thrown) };
  await expect((await withTracing(failing, { tracer })).inspect(exchanges, { signal })).rejects.toBe(thrown);
  const rewriting = await withTracing(scriptedAligner([{ throws: thrown, after: ['a'] }]), { tracer });
  if (!signal) await expect(collectCorrection(rewriting, request)).rejects.toBe(thrown);
  const spans = exporter.getFinishedSpans();
  for (const span of spans) expect(span).toMatchObject({ attributes: { 'error.type': type }, status: { code: SpanStatusCode.ERROR } });
  expect(spans).toHaveLength(signal ? 1 : 2);
  expect(textOf(spans)).not.toContain(secret);
});

test('a call that hangs has its span ended by the abort', async () => {
  const traced = await withTracing(scriptedInspector([{ hang: 'until-abort' }]), { tracer });
  const controller = new AbortController();
  const call = traced.inspect(exchanges, { signal: controller.signal });
  controller.abort('closed');
  await expect(call).rejects.toBe('closed');
  expect(only().attributes['error.type']).toBe('aborted');
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['no list', 5],
  ['holes', [undefined, null]],
  ['texts instead of verdicts', [{ ethical: { status: secret, misalignment: secret, threshold: secret, reason: secret }, [secret]: {} }]],
])('an inspector that gives %s is passed on, and none of it gets into the span', async (_name, answer) => {
  // What a broken backend gives has no type.
  const inspect = (async () => answer) as unknown as Inspector['inspect'];
  const traced = await withTracing({ ...inspector, inspect }, { tracer });
  expect(await traced.inspect(exchanges)).toBe(answer);
  expect(textOf([only()])).not.toContain(secret);
});

test('no text of an exchange gets into spans, nor a criterion that is not served', async () => {
  await (await withTracing(inspector, { tracer })).inspect(exchanges).then((all: readonly Inspection[]) => expect(all).toHaveLength(2));
  await Promise.allSettled([(await withTracing(inspector, { tracer })).inspect(exchanges, { criteria: [secret] })]);
  await collectCorrection(await withTracing(aligner, { tracer }), request);
  await Promise.allSettled([collectCorrection(await withTracing(aligner, { tracer }), { ...request, criterion: secret })]);
  await (await withTracing(createSquad({ inspectors: [inspector], aligners: [aligner] }), { tracer })).align(exchanges[0] ?? '');
  const spans = exporter.getFinishedSpans();
  expect(spans).toHaveLength(5);
  expect(textOf(spans)).not.toContain(secret);
});

test('with captureText the texts are there, in the form of the conventions', async () => {
  await (await withTracing(inspector, { tracer, captureText: true })).inspect(exchanges.slice(0, 1));
  await collectCorrection(await withTracing(aligner, { tracer, captureText: true }), request);
  const [judged, rewritten] = exporter.getFinishedSpans();
  const message = (role: string, content: string): string => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
  expect(judged?.events[0]).toMatchObject({
    name: 'align_squad.exchange',
    attributes: {
      'gen_ai.input.messages': message('user', 'SECRET Hi'),
      'align_squad.context': 'SECRET context',
      'gen_ai.output.messages': message('assistant', 'SECRET One.'),
    },
  });
  expect(rewritten?.events[1]).toMatchObject({
    name: 'align_squad.rewrite',
    attributes: { 'gen_ai.output.messages': message('assistant', 'SECRET good') },
  });
});

test('a span that is not recorded gets no events', async () => {
  const off = new BasicTracerProvider({ sampler: new AlwaysOffSampler() }).getTracer('off');
  const traced = await withTracing(inspector, { tracer: off, captureText: true });
  expect(await traced.inspect(exchanges)).toEqual(await inspector.inspect(exchanges));
  expect(exporter.getFinishedSpans()).toEqual([]);
});

test('without a tracer the registered SDK is used, also one that is registered later', async () => {
  const traced = await withTracing(inspector);
  await traced.inspect(exchanges);
  expect(exporter.getFinishedSpans()).toEqual([]);
  trace.setGlobalTracerProvider(provider);
  await traced.inspect(exchanges);
  expect(only().instrumentationScope.name).toBe('@align-squad/squad');
});

test('a missing OpenTelemetry API is named, and not needed with a tracer', async () => {
  vi.doMock('@opentelemetry/api', () => {
    throw new AlignSquadError('not there', { code: 'unexpected-call' });
  });
  try {
    await expect(withTracing(inspector)).rejects.toMatchObject({
      code: 'missing-dependency',
      message: expect.stringContaining('npm install @opentelemetry/api') as string,
    });
    await (await withTracing(inspector, { tracer })).inspect(exchanges);
  } finally {
    vi.doUnmock('@opentelemetry/api');
  }
});

test.each<[string, unknown, unknown]>([
  ['a tracer that is none', inspector, { tracer: {} }],
  ['an unknown key', inspector, { text: true }],
  ['a text generator', { contract: 'text-generator/1' }, { tracer }],
  ['an object of no kind', {}, { tracer }],
])('%s is refused', async (_name, backend, options) => {
  // Callers without types can pass anything.
  const wrap = withTracing as (...values: unknown[]) => Promise<unknown>;
  await expect(wrap(backend, options)).rejects.toMatchObject({ code: 'invalid-options' });
});
