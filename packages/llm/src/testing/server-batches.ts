import { chatCompletion, type ChatRequestBody } from './chat-answer.js';

/** How the test server treats batches. */
export interface ServerBatchOptions {
  /** A batch is done when it was asked after so often. @default 2 */
  readonly batchPolls?: number | undefined;
  /** What goes wrong with a line of a batch. @default nothing */
  readonly batchFault?: ((body: ChatRequestBody) => 'server-error' | 'expired' | 'missing' | undefined) | undefined;
}

/** Answers of the files and batches routes: a status, and JSON or the bytes of a file. */
export interface BatchReply {
  readonly status: number;
  readonly json?: unknown;
  readonly file?: string;
}

/** Files and batches of a test server, kept in memory. */
export interface ServerBatches {
  readonly files: number;
  readonly batches: number;
  upload(content: string): BatchReply;
  file(id: string): BatchReply;
  content(id: string): BatchReply;
  create(inputFileId: string): BatchReply;
  retrieve(id: string): BatchReply;
  list(): BatchReply;
}

interface StoredBatch {
  readonly id: string;
  readonly inputFileId: string;
  readonly lines: readonly BatchLine[];
  polls: number;
  result?: Readonly<Record<string, unknown>>;
}

interface BatchLine {
  readonly custom_id: string;
  readonly body: ChatRequestBody;
}

const notFound: BatchReply = { status: 404, json: { error: { message: 'No such object.', type: 'invalid_request_error' } } };
const mostLines = 50_000;

/** An empty store; `answer` is called once for each line that is answered. */
export function createServerBatches(options: ServerBatchOptions, answer: (body: ChatRequestBody) => string): ServerBatches {
  const files = new Map<string, string>();
  const batches = new Map<string, StoredBatch>();
  const store = (content: string): string => {
    const id = `file-${files.size + 1}`;
    files.set(id, content);
    return id;
  };
  const describeFile = (id: string): object => ({ id, object: 'file', bytes: Buffer.byteLength(files.get(id) ?? ''), purpose: 'batch', status: 'processed' });
  const describe = ({ id, inputFileId, result }: StoredBatch): object => ({
    id,
    object: 'batch',
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    created_at: 0,
    input_file_id: inputFileId,
    status: 'in_progress',
    ...result,
  });
  return {
    get files() {
      return files.size;
    },
    get batches() {
      return batches.size;
    },
    upload: (content) => ({ status: 200, json: describeFile(store(content)) }),
    file: (id) => (files.has(id) ? { status: 200, json: describeFile(id) } : notFound),
    content: (id) => ({ ...notFound, ...(files.has(id) && { status: 200, file: files.get(id) ?? '' }) }),
    create(inputFileId) {
      const content = files.get(inputFileId);
      if (content === undefined) return notFound;
      const lines = content.split('\n').filter((line) => line !== '');
      const batch: StoredBatch = { id: `batch-${batches.size + 1}`, inputFileId, polls: 0, lines: lines.map((line) => JSON.parse(line) as BatchLine) };
      batches.set(batch.id, batch);
      return { status: 200, json: describe(batch) };
    },
    retrieve(id) {
      const batch = batches.get(id);
      if (!batch) return notFound;
      batch.polls += 1;
      if (batch.polls >= (options.batchPolls ?? 2)) batch.result ??= workOn(batch.lines, { options, answer, store });
      return { status: 200, json: describe(batch) };
    },
    list: () => ({ status: 200, json: { object: 'list', data: [...batches.values()].map(describe), has_more: false } }),
  };
}

interface BatchWork {
  readonly options: ServerBatchOptions;
  readonly answer: (body: ChatRequestBody) => string;
  readonly store: (content: string) => string;
}

function workOn(batch: readonly BatchLine[], { options, answer, store }: BatchWork): Readonly<Record<string, unknown>> {
  const failed = (code: string): Readonly<Record<string, unknown>> => ({ status: 'failed', errors: { object: 'list', data: [{ code, message: 'The file is not valid.' }] } });
  if (new Set(batch.map((line) => line.body.model)).size > 1) return failed('mismatched_model');
  if (batch.length > mostLines) return failed('invalid_file');
  // Any order is allowed, so it is not that of the requests.
  const lines = [...batch].reverse().map((line) => ({ line, fault: options.batchFault?.(line.body) }));
  const good = lines.filter(({ fault }) => fault === undefined).map(({ line }) => answeredLine(line, answer(line.body)));
  const bad = lines.flatMap(({ line, fault }) => (fault === 'server-error' || fault === 'expired' ? [failedLine(line, fault)] : []));
  return {
    status: lines.some(({ fault }) => fault === 'expired') ? 'expired' : 'completed',
    ...(good.length > 0 && { output_file_id: store(`${good.join('\n')}\n`) }),
    ...(bad.length > 0 && { error_file_id: store(`${bad.join('\n')}\n`) }),
  };
}

/** A line of an output file, as the Batch API and `vllm run-batch` write it. */
export function answeredLine({ custom_id, body }: BatchLine, text: string): string {
  return JSON.stringify({ id: `batch_req_${custom_id}`, custom_id, response: { status_code: 200, request_id: custom_id, body: chatCompletion(body, text) }, error: null });
}

function failedLine({ custom_id, body }: BatchLine, fault: 'server-error' | 'expired'): string {
  const message = `It failed: ${JSON.stringify(body.messages)}`;
  const failure =
    fault === 'expired'
      ? { response: null, error: { code: 'batch_expired', message } }
      : { response: { status_code: 500, request_id: custom_id, body: { error: { message } } }, error: null };
  return JSON.stringify({ id: `batch_req_${custom_id}`, custom_id, ...failure });
}
