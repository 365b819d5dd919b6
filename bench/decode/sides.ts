import { join } from 'node:path';
import { createDecodeSession, createSession, float32, int64, type Tensor } from '@align-squad/onnx';
import { env, pipeline } from '@huggingface/transformers';
import type { PlannedTexts } from './plan-texts.js';
import { shape, textOf, words } from './planned-model.js';

/** Decodes the planned prompt once; the tokens that came. */
export type Decode = () => Promise<readonly number[]>;

type OpenSide = (folder: string, texts: PlannedTexts) => Promise<Decode>;

const fileOf = (folder: string, type: 'fp32' | 'q8'): string => join(folder, 'onnx', type === 'q8' ? 'model_quantized.onnx' : 'model.onnx');

function transformers(options: object): OpenSide {
  return async (folder, { prompt, target }) => {
    env.allowRemoteModels = false;
    const generate = await pipeline('text-generation', folder, options);
    const text = textOf(prompt);
    return async () => {
      const output: unknown = await generate(text, { max_new_tokens: target.length, return_full_text: false });
      const [{ generated_text }] = output as [{ generated_text: string }];
      return generated_text.trim().split(/\s+/).map((word) => Number(word.slice(1)) + words[0]);
    };
  };
}

/** The loop that anyone would write over onnxruntime-node: the whole cache comes back and goes in, the likeliest token is found here. */
const plainLoop: OpenSide = async (folder, { prompt, target }) => {
  const session = await createSession(fileOf(folder, 'q8'));
  const pasts = session.inputNames.filter((name) => name.startsWith('past_key_values'));
  const headSize = shape.width / shape.attentionHeads;
  return async () => {
    let cache: Record<string, Tensor> = Object.fromEntries(pasts.map((name) => [name, float32(new Float32Array(0), [1, shape.attentionHeads, 0, headSize])]));
    const ids = [...prompt];
    for (let fed = 0; ids.length < prompt.length + target.length; ) {
      const now = ids.slice(fed);
      const inputs = { input_ids: int64(now, [1, now.length]), attention_mask: int64(ids.map(() => 1), [1, ids.length]), position_ids: int64(now.map((_, index) => fed + index), [1, now.length]) };
      fed = ids.length;
      const outputs = await session.run({ ...inputs, ...cache });
      cache = Object.fromEntries(pasts.flatMap((name) => [[name, outputs[name.replace('past_key_values', 'present')] ?? float32(new Float32Array(0), [])]]));
      const logits = outputs['logits']?.data ?? [];
      let best = logits.length - shape.vocabularySize;
      for (let index = best; index < logits.length; index++) if (Number(logits[index]) > Number(logits[best])) best = index;
      ids.push(best - logits.length + shape.vocabularySize);
    }
    return ids.slice(prompt.length);
  };
};

function engine(type: 'fp32' | 'q8', speculate: boolean): OpenSide {
  return async (folder, { prompt, source, target }) => {
    const session = await createDecodeSession(fileOf(folder, type));
    return async () => {
      const ids: number[] = [];
      for await (const id of session.decode({ ids: prompt, maxTokens: target.length, copyFrom: source, speculate })) ids.push(id);
      return ids;
    };
  };
}

/** The ways that are compared, each in a process of its own. */
export const sides: Readonly<Record<string, OpenSide>> = {
  'transformers.js, defaults': transformers({}),
  'transformers.js, int8, one thread': transformers({ dtype: 'q8', session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 } }),
  'onnxruntime-node loop, int8': plainLoop,
  'align-squad, float32': engine('fp32', true),
  'align-squad, int8, no drafts': engine('q8', false),
  'align-squad, int8': engine('q8', true),
};
