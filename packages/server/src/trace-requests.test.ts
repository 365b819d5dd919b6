import { createRequire } from 'node:module';
import { doubleAligner, doubleInspector } from '@align-squad/embedded/testing';
import { createSquad, withTracing } from '@align-squad/squad';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { chatBody, chatEvents, patience, post, sendEvents, start, startUpstream } from './test-support.js';

// The tests' own resolution asks for the condition `module`, whose files of these packages Node can't load; Node's does not.
const load = createRequire(import.meta.url);
const { context, trace } = load('@opentelemetry/api') as typeof import('@opentelemetry/api');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = load('@opentelemetry/sdk-trace-base') as typeof import('@opentelemetry/sdk-trace-base');
const { AsyncLocalStorageContextManager } = load('@opentelemetry/context-async-hooks') as typeof import('@opentelemetry/context-async-hooks');

const exporter = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test');
beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => {
  context.disable();
  trace.disable();
});
afterEach(() => exporter.reset());

const spans = () => exporter.getFinishedSpans().map((span) => ({ name: span.name, id: span.spanContext().spanId, parent: span.parentSpanContext?.spanId, attributes: span.attributes }));

test('a request is a span, and that of the squad is below it', async () => {
  const server = await start({ tracer });
  await (await fetch(`${server.url}/readyz`)).text();
  await expect.poll(() => spans().length, patience).toBe(1);
  exporter.reset();
  await post(`${server.url}/v1/align`, { response: 'Say RUDE words.' });
  await expect.poll(() => spans().length, patience).toBe(2);
  const [squad, request] = spans();
  expect(request).toMatchObject({ name: 'POST /v1/align', parent: undefined, attributes: { 'http.route': '/v1/align', 'http.response.status_code': 200 } });
  expect(squad).toMatchObject({ name: 'squad align', parent: request?.id });
  expect(JSON.stringify(spans())).not.toMatch(/RUDE|KIND/);
});

test('spans within a stream are below that of its request, which lasts as long', async () => {
  const inspectors = [await withTracing(doubleInspector(), { tracer })];
  const upstream = await startUpstream((_, response) => void sendEvents(response, chatEvents(['All is well. Say RUDE words.'])).end());
  const server = await start({ upstream: upstream.url, tracer, squad: createSquad({ inspectors, aligners: [doubleAligner()] }) });
  await (await post(`${server.url}/v1/chat/completions`, chatBody(true))).text();
  await expect.poll(() => spans().at(-1)?.name, patience).toBe('POST /v1/chat/completions');
  const request = spans().at(-1);
  const inspections = spans().slice(0, -1);
  expect(inspections.length).toBeGreaterThan(1);
  expect(inspections.every(({ parent }) => parent === request?.id)).toBe(true);
});

test('what fails is marked by its code', async () => {
  const server = await start({ tracer, upstream: 'http://127.0.0.1:1' });
  await post(`${server.url}/v1/chat/completions`, chatBody());
  await expect.poll(() => spans().length, patience).toBe(1);
  expect(spans()[0]?.attributes).toMatchObject({ 'error.type': 'source-failed', 'http.response.status_code': 502 });
});
