import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyKey, type CandidateToken } from './answer-body.js';
import { createAnswerFlow, type AnswerFlow, type AnswerFlowOptions } from './answer-flow.js';
import { chatCompletion, chatEvents, type ChatRequestBody } from './chat-answer.js';
import { sendError, sendJson, sendUnsupported } from './chat-replies.js';
import { decisionResponse, type DecidedAnswers, type DecisionRequestBody } from './decision-answer.js';
import { createRequestGate } from './request-gate.js';
import { createServerBatches, type BatchReply, type ServerBatches, type ServerBatchOptions } from './server-batches.js';
import { createStatisticsRecorder, type ServerStatistics, type StatisticsRecorder } from './server-statistics.js';
import { textCompletion, textEvents, type TextRequestBody } from './text-answer.js';

/** Options of `startOpenaiTestServer`. */
export interface OpenaiTestServerOptions extends AnswerFlowOptions, ServerBatchOptions {
  /** The text of the answer to a body; called once for each answer. The prompt of a text completion comes as the one message. */
  readonly answer: (body: ChatRequestBody) => string;
  /** Candidates of each place of an answer [tokens][candidates], for bodies that ask for `logprobs`; not in batches. @default none */
  readonly candidates?: ((body: ChatRequestBody) => readonly (readonly CandidateToken[])[]) | undefined;
  /** The answers to the questions of a decision. @default there is no such route */
  readonly decide?: ((body: DecisionRequestBody) => DecidedAnswers) | undefined;
  /** Requests with another key get a 401. @default any key is right */
  readonly apiKey?: string | undefined;
  /** Chat completions with `max_tokens` get the 400 of newer models, which want `max_completion_tokens`. @default false */
  readonly refusesMaxTokens?: boolean | undefined;
  /** Time that an answer takes. @default 0 */
  readonly latencyMs?: number | ((body: ChatRequestBody) => number) | undefined;
  /** Answers are held back until so many requests are in progress, or none has come for half a second. @default 1 */
  readonly gatherRequests?: number | undefined;
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
  readonly answers: Readonly<Record<'chat' | 'completions', AnswerRoute>> & { readonly decisions?: AnswerRoute };
}

type AnswerRoute = (json: string, response: ServerResponse) => Promise<void>;

const gatherIdleMs = 500;

/**
 * Starts an OpenAI-compatible server on a free port of this machine, for tests and benches: chat completions, text
 * completions, decisions, files and batches.
 * Its error messages repeat the key and the texts of a request, so that tests see whether a client passes them on.
 */
export async function startOpenaiTestServer(options: OpenaiTestServerOptions): Promise<OpenaiTestServer> {
  const recorder = createStatisticsRecorder();
  const store = createServerBatches(options, (body) => {
    recorder.answer(bodyKey(body));
    return options.answer(body);
  });
  const gate = createRequestGate(options.gatherRequests ?? 1, gatherIdleMs);
  const parts: ServerParts = { ...options, recorder, store, answers: createAnswers(options, createAnswerFlow(options, recorder, gate.pass)) };
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
  const answer = isPost ? answerRoute(parts.answers, path) : undefined;
  if (answer) parts.recorder.request();
  if (parts.apiKey !== undefined && key !== parts.apiKey) return sendError(response, 401, `Incorrect API key provided: ${key}.`);
  if (answer) return answer(bytes.toString('utf8'), response);
  if (room === 'files') return sendReply(response, isPost ? parts.store.upload(await uploadedText(request, bytes)) : action === 'content' ? parts.store.content(id) : parts.store.file(id));
  if (room !== 'batches') return sendError(response, 404, `There is no ${path}.`);
  if (!isPost) return sendReply(response, id === '' ? parts.store.list() : parts.store.retrieve(id));
  return sendReply(response, parts.store.create((JSON.parse(bytes.toString('utf8')) as { input_file_id: string }).input_file_id));
}

function answerRoute({ chat, completions, decisions }: ServerParts['answers'], path: string): AnswerRoute | undefined {
  return { '/v1/chat/completions': chat, '/v1/completions': completions, '/v1/decisions': decisions }[path];
}

/** A way of answering each route. */
function createAnswers(options: OpenaiTestServerOptions, flow: AnswerFlow): ServerParts['answers'] {
  const { answer, candidates, decide, refusesMaxTokens = false } = options;
  const render = (stream: boolean | undefined, events: () => readonly string[], whole: () => object): ReturnType<Parameters<AnswerFlow>[2]> =>
    stream === true ? { pieces: events(), contentType: 'text/event-stream' } : { pieces: [JSON.stringify(whole())], contentType: 'application/json' };
  return {
    async chat(json, response) {
      const asked = JSON.parse(json) as ChatRequestBody;
      if (refusesMaxTokens && asked.max_tokens !== undefined) return sendUnsupported(response, 'max_tokens', json);
      await flow(asked, response, (body) => {
        const [text, places] = [answer(body), candidates?.(body)];
        return render(body.stream, () => chatEvents(body, text, places), () => chatCompletion(body, text, places));
      });
    },
    completions: (json, response) =>
      flow(JSON.parse(json) as TextRequestBody, response, (body) => {
        const { logprobs, prompt, ...rest } = body;
        const asked = { ...rest, messages: [{ role: 'user', content: prompt }], logprobs: logprobs !== undefined };
        const [text, places] = [answer(asked), candidates?.(asked)];
        return render(body.stream, () => textEvents(body, text, places), () => textCompletion(body, text, places));
      }),
    ...(decide && {
      decisions: (json: string, response: ServerResponse) =>
        flow(JSON.parse(json) as DecisionRequestBody, response, (body) => render(false, () => [], () => decisionResponse(body, decide(body)))),
    }),
  };
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
