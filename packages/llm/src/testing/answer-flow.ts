import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyKey } from './answer-body.js';
import { sendAnswer, sendError, type OutgoingAnswer } from './chat-replies.js';
import type { Fault, FaultPlan } from './fault-plan.js';
import { createServerLimits, type ServerLimitOptions } from './server-limits.js';
import type { StatisticsRecorder } from './server-statistics.js';

/** Options of `createAnswerFlow`. */
export interface AnswerFlowOptions extends ServerLimitOptions {
  /** Time that an answer takes. @default 0 */
  readonly latencyMs?: number | ((body: never) => number) | undefined;
  /** @default no faults */
  readonly faults?: FaultPlan | undefined;
  /** Time that an answer with the fault `slow` takes from its first byte to its last. @default 2000 */
  readonly slowMs?: number | undefined;
}

/** Answers a body by what `render` makes of it: limits, then faults, then time, then the text. */
export type AnswerFlow = <Body extends object>(
  body: Body,
  response: ServerResponse,
  render: (body: Body) => Pick<OutgoingAnswer, 'pieces' | 'contentType'>,
) => Promise<void>;

/** The way of all answers; `pass` resolves when one may be given. */
export function createAnswerFlow(options: AnswerFlowOptions, recorder: StatisticsRecorder, pass: () => Promise<void>): AnswerFlow {
  const { latencyMs = 0, faults, slowMs = 2000 } = options;
  const limits = createServerLimits(options);
  const attempts = new Map<string, number>();
  const wait = async (body: object, signal: AbortSignal): Promise<void> => {
    // Which bodies come is up to the test that gave the function.
    const ms = typeof latencyMs === 'number' ? latencyMs : latencyMs(body as never);
    if (ms > 0) await sleep(ms, undefined, { signal });
    await pass();
    signal.throwIfAborted();
  };
  return async (body, response, render) => {
    const admission = limits.admit(recorder.active);
    for (const [name, value] of Object.entries(admission.headers)) response.setHeader(name, value);
    if (!admission.isAdmitted) {
      recorder.reject();
      return sendError(response, 429, `Too many requests: ${JSON.stringify(body)}`);
    }
    const key = bodyKey(body);
    const attempt = attempts.get(key) ?? 0;
    attempts.set(key, attempt + 1);
    const fault = faults?.faultOf(key, attempt);
    if (fault) recorder.fault(fault);
    recorder.enter();
    let isOver = false;
    const leave = (): void => {
      if (!isOver) recorder.leave();
      isOver = true;
    };
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
      leave();
    });
    if (refuse(fault, { body, response, leave, headers: limits.refusal() })) return;
    await wait(body, gone.signal);
    // The place is free before the client can know of it, so that a client which keeps to the limit is never turned away.
    const finish = (): void => {
      if (fault !== 'truncated') recorder.answer(key);
      leave();
    };
    await sendAnswer(response, { ...render(body), finish, signal: gone.signal, fault: streamFault(fault), durationMs: fault === 'slow' ? slowMs : 0 });
  };
}

function streamFault(fault: Fault | undefined): OutgoingAnswer['fault'] {
  return fault === 'truncated' || fault === 'dropped' || fault === 'stalled' ? fault : undefined;
}

interface Refusal {
  readonly body: object;
  readonly response: ServerResponse;
  readonly leave: () => void;
  readonly headers: Readonly<Record<string, string>>;
}

function refuse(fault: Fault | undefined, { body, response, leave, headers }: Refusal): boolean {
  const text = JSON.stringify(body);
  if (fault === 'reset') {
    response.destroy();
  } else if (fault === 'rate-limit') {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    leave();
    sendError(response, 429, `Slow down: ${text}`);
  } else if (fault === 'server-error' || fault === 'unauthorized') {
    leave();
    sendError(response, fault === 'unauthorized' ? 401 : 500, `No answer: ${text}`);
  } else {
    return false;
  }
  return true;
}
