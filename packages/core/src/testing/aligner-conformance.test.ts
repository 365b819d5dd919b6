import { describe, expect, test } from 'vitest';
import type { Aligner, AlignEvent, AlignRequest } from '../aligner.js';
import { alignerConformance, functionAligner } from './index.js';

const requests: AlignRequest[] = [
  { exchange: { prompt: 'Hi', response: 'Fine as it is.' }, criterion: 'helpful' },
  { exchange: { prompt: 'Hi', response: 'A bad answer.' }, criterion: 'ethical' },
];

const soften = ({ exchange: { response } }: AlignRequest): string | undefined =>
  response.includes('bad') ? response.replaceAll('bad', 'good') : undefined;

const sound = (): Aligner => functionAligner(soften);

async function failures(create: () => Aligner): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of alignerConformance({ create, requests })) {
    await run().catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'AlignSquadError', code: 'conformance' });
      failed.push(name);
    });
  }
  return failed;
}

function broken(align: (...call: Parameters<Aligner['align']>) => AsyncIterable<AlignEvent>): () => Aligner {
  return () => ({ ...sound(), align });
}

describe('a sound aligner passes', () => {
  for (const { name, run } of alignerConformance({ create: sound, requests })) test(name, run);
});

describe('a broken aligner is caught', () => {
  let calls = 0;
  const stream = '`end`, and gives no text with `none`';
  test.each<[string, () => Aligner, string]>([
    ['gives no end', broken(async function* () { yield { type: 'text', text: 'a' }; }), `ends with exactly one ${stream}`],
    [
      'gives two ends',
      broken(async function* (request) {
        yield* sound().align(request);
        yield { type: 'end', outcome: 'none' };
      }),
      `ends with exactly one ${stream}`,
    ],
    [
      'gives text after the end',
      broken(async function* (request) {
        yield* sound().align(request);
        yield { type: 'text', text: 'late' };
      }),
      `ends with exactly one ${stream}`,
    ],
    [
      'gives text with `none`',
      broken(async function* () {
        yield { type: 'text', text: 'a' };
        yield { type: 'end', outcome: 'none' };
      }),
      `ends with exactly one ${stream}`,
    ],
    ['never rewrites', () => functionAligner(() => undefined), 'rewrites at least one of the ordinary requests'],
    [
      'has ever more candidates',
      broken((request) => sound().align({ ...request, candidate: 0 })),
      'gives `none` for a candidate beyond those that it has',
    ],
    [
      'changes from call to call',
      () => functionAligner((request) => soften(request)?.concat(String(calls++))),
      'gives the same rewrite of the same request',
    ],
    [
      'takes any criterion',
      broken((request, options) => sound().align({ ...request, criterion: 'ethical' }, options)),
      'throws on an unknown criterion',
    ],
    [
      'crashes on lone surrogates',
      () => functionAligner((request) => encodeURIComponent(request.exchange.response) && soften(request)),
      'takes a lone low surrogate as response, prompt and context',
    ],
    [
      'crashes on an empty prompt',
      () =>
        functionAligner((request) => {
          if (request.exchange.prompt === '') throw new TypeError('broken');
          return soften(request);
        }),
      'takes empty as response, prompt and context',
    ],
    [
      'ignores its signal',
      broken((request) => sound().align(request)),
      'throws the reason of a signal that is aborted before',
    ],
    [
      'looks at its signal only at first',
      broken(async function* (request, options) {
        options?.signal?.throwIfAborted();
        await Promise.resolve();
        yield* sound().align(request);
      }),
      'throws the reason of a signal that is aborted after the first text',
    ],
    [
      'wraps the reason',
      broken(async function* (request, options) {
        try {
          yield* sound().align(request, options);
        } catch (cause) {
          throw new TypeError('broken', { cause });
        }
      }),
      'throws the reason of a signal that is aborted before',
    ],
    [
      'leaves a listener when its reader stops early',
      broken(async function* (request, options) {
        const listener = (): void => undefined;
        options?.signal?.addEventListener('abort', listener);
        yield* sound().align(request, options);
        options?.signal?.removeEventListener('abort', listener);
      }),
      'lets its reader stop early, and leaves no listener on the signal',
    ],
    ['has no candidates', () => ({ ...sound(), abilities: { maxCandidates: 0, deterministic: true } }), 'describes itself'],
    ['has no criteria', () => ({ ...sound(), criteria: [] }), 'describes itself'],
  ])('one that %s', async (_, create, caughtBy) => {
    expect(await failures(create)).toContain(caughtBy);
  });
});

test('an aligner that says it is not deterministic may differ from call to call', async () => {
  let calls = 0;
  const create = (): Aligner => ({
    ...functionAligner((request) => soften(request)?.concat(String(calls++))),
    abilities: { maxCandidates: 1, deterministic: false },
  });
  expect(await failures(create)).toEqual([]);
});
