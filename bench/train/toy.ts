// Trains a decoder from scratch to rewrite, has transformers.js write with it, and counts exact rewrites of unseen inputs; prints JSON.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alignerTokenIds, layoutSource } from '@align-squad/aligner';
import { createRandom, type Random } from '@align-squad/core';
import { loadTextTokenizer } from '@align-squad/onnx';
import { trainPack } from '@align-squad/train';
import { AutoModelForCausalLM, env, Tensor } from '@huggingface/transformers';

const syllables = ['ba', 'de', 'fi', 'go', 'hu', 'ka', 'le', 'mi', 'no', 'pu', 'ra', 'se', 'ti', 'vo', 'zu'];
const words = syllables.flatMap((first) => syllables.slice(0, 5).map((second) => first + second));
// Every fifth word is misaligned, and has one word that corrects it.
const mended = new Map(words.flatMap((word, at) => (at % 5 === 0 ? [[word, words[at + 1] ?? word] as const] : [])));
const [records, unseen] = [4000, 100] as const;

interface Rewrite {
  readonly response: string;
  readonly correction: string;
}

function makeRewrite(random: Random): Rewrite {
  const chosen = Array.from({ length: 5 + random.integer(8) }, () => words[random.integer(words.length)] ?? '');
  return { response: chosen.join(' '), correction: chosen.map((word) => mended.get(word) ?? word).join(' ') };
}

const random = createRandom(3);
const rewrites = Array.from({ length: records }, () => makeRewrite(random));
const known = new Set(rewrites.map(({ response }) => response));
const asked: Rewrite[] = [];
while (asked.length < unseen) {
  const next = makeRewrite(random);
  if (!known.has(next.response)) asked.push(next);
}
const folder = await mkdtemp(join(tmpdir(), 'align-squad-toy-'));
try {
  const data = join(folder, 'data.jsonl');
  await writeFile(data, rewrites.map((rewrite) => `${JSON.stringify(rewrite)}\n`).join(''));
  const out = join(folder, 'pack');
  const started = performance.now();
  const { metrics } = await trainPack({
    task: 'aligner',
    data: [data],
    devShare: 0.02,
    criteria: [{ id: 'mended' }],
    out,
    epochs: 24,
    batchTokens: 640,
    learningRate: 2e-3,
    aligner: { design: 'decoder', maxTokens: 128, shape: { vocabularySize: 512 } },
  });
  const seconds = (performance.now() - started) / 1000;
  env.allowRemoteModels = false;
  const model = await AutoModelForCausalLM.from_pretrained(out, { dtype: 'fp32', local_files_only: true });
  const tokenizer = await loadTextTokenizer(out);
  const special = alignerTokenIds(tokenizer);
  let exact = 0;
  for (const { response, correction } of asked) {
    const ids = layoutSource(tokenizer, special, { response }, { maxTokens: 128 }) ?? [];
    const dims = [1, ids.length];
    const inputs = {
      input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), dims),
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
    };
    const generated = await model.generate({ ...inputs, max_new_tokens: 64, do_sample: false });
    const written = (generated as Tensor).tolist()[0] as (number | bigint)[];
    // A text begins with a space for this tokenizer.
    if (tokenizer.decode(written.slice(ids.length).map(Number)).trimStart() === correction) exact += 1;
  }
  process.stdout.write(`${JSON.stringify({ records, unseen, exact: exact / unseen, trainingSeconds: seconds, metrics })}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
