import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyKey, type CandidateToken, type ChatRequestBody } from './chat-answer.js';
import { sendAnswer, sendError, sendJson } from './chat-replies.js';
import type { Fault, FaultPlan } from './fault-plan.js';
import { createRequestGate } from './request-gate.js';
import { createServerBatches, type BatchReply, type ServerBatches, type ServerBatchOptions } from './server-batches.js';
import { createServerLimits, type ServerLimitOptions } from './server-limits.js';
import { createStatisticsRecorder, type ServerStatistics, type StatisticsRecorder } from './server-statistics.js';

/** Options of `startOpenaiTestServer`. */
export interface OpenaiTestServerOptions extends ServerLimitOptions, ServerBatchOptions {
  /** The text of the answer to a body; called once for each answer. */
  readonly answer: (body: ChatRequestBody) => string;
  /** Candidates of each place of an answer [tokens][candidates], for bodies that ask for `logprobs`; not in batches. @default none */
  readonly candidates?: ((body: ChatRequestBody) => readonly (readonly CandidateToken[])[]) | undefined;
  /** Requests with another key get a 401. @default any key is right */
  readonly apiKey?: string | undefined;
  /** Time that an answer takes. @default 0 */
  readonly latencyMs?: number | ((body: ChatRequestBody) => number) | undefined;
  /** Answers are held back until so many requests are in progress, or none has come for half a second. @default 1 */
  readonly gatherRequests?: number | undefined;
  /** @default no faults */
  readonly faults?: FaultPlan | undefined;
  /** Time that an answer with the fault `slow` takes from its first byte to its last. @default 2000 */
  readonly slowMs?: number | undefined;
}

/** A running server; `close` also ends what is in progress. */
export interface OpenaiTestServer extends AsyncDisposable {
  /** Base of the API, as `http://127.0.0.1:4000/v1`. */
  readonly baseUrl: string;
  /** Files that were uploaded or written, and batches that were created. */
  readonly batches: Pick<ServerBatches, 'files' | 'batches'>;
  statistics(): ServerStatistics;
  /** How often a body got a whole answer, alone or in a batch. */
  timesAnswered(body: ChatRequestBody): number;
  close(): Promise<void>;
}

interface ServerParts extends OpenaiTestServerOptions {
  readonly recorder: StatisticsRecorder;
  readonly store: ServerBatches;
  readonly chat: (body: ChatRequestBody, response: ServerResponse) => Promise<void>;
}

const gatherIdleMs = 500;

/**
 * Starts an OpenAI-compatible server on a free port of this machine, for tests and benches: chat completions, files and batches.
 * Its error messages repeat the key and the texts of a request, so that tests see whether a client passes them on.
 */
export async function startOpenaiTestServer(options: OpenaiTestServerOptions): Promise<OpenaiTestServer> {
  const recorder = createStatisticsRecorder();
  const store = createServerBatches(options, (body) => {
    recorder.answer(bodyKey(body));
    return options.answer(body);
  });
  const gate = createRequestGate(options.gatherRequests ?? 1, gatherIdleMs);
  const parts: ServerParts = { ...options, recorder, store, chat: createChat(options, recorder, gate.pass) };
  const server = createServer((request, response) => {
    // A client that is gone needs no reply.
    route(parts, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    gate.open();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    batches: store,
    statistics: () => recorder.read(),
    timesAnswered: (body) => recorder.timesAnswered(bodyKey(body)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function route(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  const [, , room = '', id = '', action = ''] = path.split('/');
  const bytes = await readBody(request);
  const key = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  const isPost = request.method === 'POST';
  if (isPost && path === '/v1/chat/completions') parts.recorder.request();
  if (parts.apiKey !== undefined && key !== parts.apiKey) return sendError(response, 401, `Incorrect API key provided: ${key}.`);
  if (isPost && path === '/v1/chat/completions') return parts.chat(JSON.parse(bytes.toString('utf8')) as ChatRequestBody, response);
  if (room === 'files') return sendReply(response, isPost ? parts.store.upload(await uploadedText(request, bytes)) : action === 'content' ? parts.store.content(id) : parts.store.file(id));
  if (room !== 'batches') return sendError(response, 404, `There is no ${path}.`);
  if (!isPost) return sendReply(response, id === '' ? parts.store.list() : parts.store.retrieve(id));
  return sendReply(response, parts.store.create((JSON.parse(bytes.toString('utf8')) as { input_file_id: string }).input_file_id));
}

/** Answers chat completions: limits, then faults, then time, then the text. */
function createChat(options: OpenaiTestServerOptions, recorder: StatisticsRecorder, pass: () => Promise<void>): ServerParts['chat'] {
  const { answer, candidates, latencyMs = 0, faults, slowMs = 2000 } = options;
  const limits = createServerLimits(options);
  const attempts = new Map<string, number>();
  const wait = async (body: ChatRequestBody, signal: AbortSignal): Promise<void> => {
    const ms = typeof latencyMs === 'number' ? latencyMs : latencyMs(body);
    if (ms > 0) await sleep(ms, undefined, { signal });
    await pass();
    signal.throwIfAborted();
  };
  return async (body, response) => {
    const admission = limits.admit(recorder.active);
    for (const [name, value] of Object.entries(admission.headers)) response.setHeader(name, value);
    if (!admission.isAdmitted) {
      recorder.reject();
      return sendError(response, 429, `Too many requests: ${JSON.stringify(body.messages)}`);
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
    await sendAnswer(response, { body, text: answer(body), places: candidates?.(body), finish, signal: gone.signal, isTruncated: fault === 'truncated', durationMs: fault === 'slow' ? slowMs : 0 });
  };
}

interface Refusal {
  readonly body: ChatRequestBody;
  readonly response: ServerResponse;
  readonly leave: () => void;
  readonly headers: Readonly<Record<string, string>>;
}

function refuse(fault: Fault | undefined, { body, response, leave, headers }: Refusal): boolean {
  const text = JSON.stringify(body.messages);
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

function sendReply(response: ServerResponse, { status, json, file }: BatchReply): void {
  if (file === undefined) return sendJson(response, status, json);
  response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(file);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function uploadedText(request: IncomingMessage, bytes: Buffer): Promise<string> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
  const file = form.get('file');
  return file === null || typeof file === 'string' ? (file ?? '') : file.text();
}
