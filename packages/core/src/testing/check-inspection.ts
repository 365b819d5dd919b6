import type { Exchange } from '../exchange.js';
import type { Inspection, SpanScore, Verdict } from '../inspector.js';
import { check } from './conformance.js';

/** What an inspection is checked against. */
export interface InspectionExpectation {
  readonly exchange: Exchange;
  /** Place of the exchange in its batch, for messages. */
  readonly index: number;
  /** The criteria that were asked for. */
  readonly criteria: readonly string[];
}

/** Checks one inspection against the contract: the asked criteria, probabilities, statuses, spans. */
export function checkInspection(inspection: Inspection | undefined, expected: InspectionExpectation): void {
  const { exchange, index, criteria } = expected;
  check(inspection !== undefined, `Exchange ${index}: expected an inspection.`);
  const judged = Object.keys(inspection);
  const complete = judged.length === criteria.length && criteria.every((criterion) => judged.includes(criterion));
  check(complete, `Exchange ${index}: expected verdicts on ${criteria.join(', ')} and nothing else.`);
  for (const [criterion, verdict] of Object.entries(inspection)) {
    const where = `Exchange ${index}, \`${criterion}\``;
    checkVerdict(verdict, where);
    checkSpans(verdict.spans ?? [], exchange.response.length, where);
  }
}

function checkVerdict({ status, misalignment, threshold, reason }: Verdict, where: string): void {
  check(isProbability(misalignment), `${where}: expected \`misalignment\` to be in [0, 1].`);
  check(isProbability(threshold), `${where}: expected \`threshold\` to be in [0, 1].`);
  if (status === 'unknown') {
    check(reason !== undefined, `${where}: expected a \`reason\`, as the status is unknown.`);
    return;
  }
  const expected = misalignment >= threshold ? 'flag' : 'pass';
  check(status === expected, `${where}: expected status ${expected} by its threshold.`);
}

function checkSpans(spans: readonly SpanScore[], length: number, where: string): void {
  let previousEnd = 0;
  for (const { start, end, misalignment } of spans) {
    check(Number.isInteger(start) && Number.isInteger(end), `${where}: expected spans at whole offsets.`);
    check(start >= previousEnd, `${where}: expected spans in order and without overlap.`);
    check(end > start && end <= length, `${where}: expected spans within the response.`);
    check(isProbability(misalignment), `${where}: expected \`misalignment\` of a span to be in [0, 1].`);
    previousEnd = end;
  }
}

// Also false for NaN.
function isProbability(value: number): boolean {
  return value >= 0 && value <= 1;
}
