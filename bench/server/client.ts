// Asks a server for chat completions from so many connections at once, by node:http with a keep-alive agent.
import { Agent, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { AlignSquadError } from '@align-squad/core';
import { percentile } from '@align-squad/eval';
import { answers, mark, requestBody, type RequestKind } from './answers.js';
import { answerParent } from './child.js';

/** What to ask, of whom and for how long. */
export interface ClientTurn {
  readonly port: number;
  /** Asked one after the other, again and again. */
  readonly kinds: readonly RequestKind[];
  readonly connections: number;
  /** Whether the misaligned sentence must be gone. */
  readonly isAligned: boolean;
  /** Before what counts. */
  readonly warmUpMs: number;
  /** It goes on until both are reached. */
  readonly minMs: number;
  readonly minRequests: number;
}

/** What the server did. */
export interface ClientRun {
  readonly requests: number;
  /** Those before, of the check and the warm-up. */
  readonly uncounted: number;
  readonly perSecond: number;
  /** From sending a request to the last byte of its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function ask(agent: Agent, port: number, kind: RequestKind): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const body = requestBody(kind);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = httpRequest({ agent, host: '127.0.0.1', port, method: 'POST', path: '/v1/chat/completions', headers }, (response) => {
      buffer(response).then((bytes) => (response.statusCode === 200 ? resolve(bytes) : reject(failure(`status ${response.statusCode}`))), reject);
    });
    request.once('error', reject).end(body);
  });
}

const failure = (what: string): AlignSquadError => new AlignSquadError(`A request of the benchmark failed: ${what}.`, { code: 'source-failed' });

/** The text of an answer, for the one that is read whole before each turn; the others are only searched. */
function textOf(bytes: Buffer, { sent }: RequestKind): string {
  const text = bytes.toString();
  // what an OpenAI-compatible API answers
  if (sent === 'plain') return (JSON.parse(text) as { choices: [{ message: { content: string } }] }).choices[0].message.content;
  const chunks = text.split('\n\n').filter((event) => event.startsWith('data: {'));
  return chunks.map((event) => (JSON.parse(event.slice(6)) as { choices: [{ delta: { content?: string } }?] }).choices[0]?.delta.content ?? '').join('');
}

function check(bytes: Buffer, { answer, sent }: RequestKind, isAligned: boolean): void {
  if (sent === 'streamed' && bytes.subarray(-16).indexOf('[DONE]') < 0) throw failure('a stream had no end');
  if (bytes.includes(mark) !== (answer === 'misaligned' && !isAligned)) throw failure('the misaligned sentence is there, or missing');
}

async function run(turn: ClientTurn): Promise<ClientRun> {
  const { port, kinds, connections, isAligned, warmUpMs, minMs, minRequests } = turn;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const load = async (until: { readonly ms: number; readonly requests: number }): Promise<number[]> => {
    const startedMs = performance.now();
    const latencies: number[] = [];
    let started = 0;
    const connection = async (): Promise<void> => {
      while (started < until.requests || performance.now() - startedMs < until.ms) {
        const kind = kinds[started++ % kinds.length] ?? { answer: 'clean', sent: 'plain' };
        const sentMs = performance.now();
        const bytes = await ask(agent, port, kind);
        latencies.push(performance.now() - sentMs);
        check(bytes, kind, isAligned);
      }
    };
    await Promise.all(Array.from({ length: connections }, connection));
    return latencies;
  };
  try {
    for (const kind of kinds) {
      const expected = answers[isAligned ? 'clean' : kind.answer];
      if (textOf(await ask(agent, port, kind), kind) !== expected) throw failure(`a ${kind.answer} answer, ${kind.sent}, is not the expected one`);
    }
    const warmUp = warmUpMs > 0 ? await load({ ms: warmUpMs, requests: connections }) : [];
    const startedMs = performance.now();
    const latencies = await load({ ms: minMs, requests: minRequests });
    const seconds = (performance.now() - startedMs) / 1000;
    const uncounted = kinds.length + warmUp.length;
    return { requests: latencies.length, uncounted, perSecond: latencies.length / seconds, p50Ms: percentile(latencies, 50), p99Ms: percentile(latencies, 99) };
  } finally {
    agent.destroy();
  }
}

answerParent({}, run);
