import { describe, expect, test } from 'vitest';
import { float32, type OnnxSession, type TextTokenizer } from '@align-squad/onnx';
import { blend, createEmbedText, dot } from './text-vectors.js';

/** An embedder of width 2 that records how many tokens it is given. */
function embedderOf(lengths: number[], run?: OnnxSession['run']): Pick<OnnxSession, 'run'> {
  return {
    run: run ?? (async (inputs) => {
      lengths.push(inputs['input_ids']?.data.length ?? 0);
      return { embedding: float32(Float32Array.of(0.6, 0.8), [1, 2]) };
    }),
  };
}

const encode = (text: string): number[] => text.split(' ').map((word) => word.length);

function embed(text: string, options: { readonly width?: number; readonly lengths?: number[]; readonly run?: OnnxSession['run'] } = {}): Promise<Float32Array> {
  const session = embedderOf(options.lengths ?? [], options.run) as OnnxSession;
  return createEmbedText(session, { encode } as TextTokenizer, options.width ?? 2)(text);
}

describe('createEmbedText', () => {
  test('gives the vector of the embedder', async () => {
    expect(await embed('one two')).toEqual(Float32Array.of(0.6, 0.8));
  });

  test.each(['', ' \n'])('of %j gives zeros without a run', async (text) => {
    const lengths: number[] = [];
    expect(await embed(text, { lengths })).toEqual(Float32Array.of(0, 0));
    expect(lengths).toEqual([]);
  });

  test('reads the first 256 tokens of a long text', async () => {
    const lengths: number[] = [];
    await embed('one '.repeat(2000), { lengths });
    expect(lengths).toEqual([256]);
  });

  test('refuses an embedder of another width', async () => {
    await expect(embed('one', { width: 3 })).rejects.toMatchObject({ code: 'pack-invalid' });
  });

  test('wraps what the embedder throws', async () => {
    const failure = new RangeError('out of memory');
    const run = (): Promise<never> => Promise.reject(failure);
    await expect(embed('secret', { run })).rejects.toMatchObject({ code: 'aligner-failed', cause: failure, message: expect.not.stringContaining('secret') });
  });
});

describe('blend', () => {
  test('is the direction between, of length 1', () => {
    expect([...blend(Float32Array.of(1, 0), Float32Array.of(0, 1))]).toEqual([expect.closeTo(Math.SQRT1_2), expect.closeTo(Math.SQRT1_2)]);
  });

  test('with zeros is the other', () => {
    expect([...blend(Float32Array.of(0, 0), Float32Array.of(0, 1))]).toEqual([0, 1]);
  });

  test('of opposites is zero, not NaN', () => {
    expect([...blend(Float32Array.of(1, 0), Float32Array.of(-1, 0))]).toEqual([0, 0]);
  });
});

test('dot reads the second vector from its offset', () => {
  expect(dot(Float32Array.of(1, 2), Int8Array.of(9, 9, 3, 4), 2)).toBe(11);
});
