import type { AlignResult } from '@align-squad/squad';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a server counts; labels hold routes, statuses, outcomes and ids of criteria, never text of users. */
export interface Metrics {
  readonly contentType: string;
  countRequest(request: { readonly route: string; readonly status: number }): void;
  countResult(result: AlignResult): void;
  countShed(): void;
  /** All of it in the text format of Prometheus. */
  text(): Promise<string>;
}

// of the models, which take milliseconds a sentence, and seconds for a long rewrite
const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics in a registry of their own, so that two servers in a process do not mix. */
export function createMetrics(inFlight: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({ name: 'align_squad_requests_total', help: 'Requests that ended.', labelNames: ['route', 'status'], registers });
  const shed = new Counter({ name: 'align_squad_shed_total', help: 'Requests that were turned away for want of a place.', registers });
  const answers = new Counter({ name: 'align_squad_answers_total', help: 'Answers by outcome.', labelNames: ['outcome'], registers });
  const verdicts = new Counter({
    name: 'align_squad_verdicts_total',
    help: 'Answers by criterion, with its verdicts before and after alignment.',
    labelNames: ['criterion', 'before', 'after'],
    registers,
  });
  const latency = new Histogram({
    name: 'align_squad_added_latency_seconds',
    help: 'Time that inspectors and aligners worked on an answer.',
    buckets: latencyBuckets,
    registers,
  });
  const gauge: Gauge = new Gauge({ name: 'align_squad_in_flight', help: 'Requests that are being answered.', registers, collect: () => gauge.set(inFlight()) });
  return {
    contentType: registry.contentType,
    countRequest: ({ route, status }) => requests.inc({ route, status: String(status) }),
    countResult({ outcome, originalInspections, inspections, timing }) {
      answers.inc({ outcome });
      latency.observe((timing.inspectMs + timing.alignMs) / 1000);
      for (const [criterion, { status }] of Object.entries(originalInspections)) {
        verdicts.inc({ criterion, before: status, after: inspections[criterion]?.status ?? 'unknown' });
      }
    },
    countShed: () => shed.inc(),
    text: () => registry.metrics(),
  };
}
