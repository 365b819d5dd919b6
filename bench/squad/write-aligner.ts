import { alignerTokenIds, alignerTokens, layoutSource } from '@align-squad/aligner';
import { AlignSquadError, createRandom, promptText, type Exchange } from '@align-squad/core';
import { createTextTokenizer, openPack } from '@align-squad/onnx';
import { packDirectory } from '@align-squad/pack-en';
import { buildLlamaDecoder, huggingFaceConfig, writePack } from '@align-squad/train';
import type { PlannedTexts } from '../decode/plan-texts.js';
import { shape, withPlan } from '../decode/planned-model.js';
import { criteria } from '../inspect/pick-exchanges.js';
import type { Rewrite } from './pick-rewrite.js';

/** The fields of the embedded tokenizer.json that are changed. */
interface TokenizerFile {
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  readonly [field: string]: unknown;
}

/**
 * Writes an aligner pack that transformers.js loads too: the 17 M decoder of bench/decode in float32 and int8, over the embedded
 * tokenizer with the tokens of an aligner added, made to write the target of one exchange and then [DONE]; returns the plan.
 */
export async function writeAligner(folder: string, { exchange, target, copied }: Rewrite): Promise<PlannedTexts> {
  const embedded = (await (await openPack(packDirectory)).readJson('tokenizer.json')) as TokenizerFile;
  const { vocabularySize } = await createTextTokenizer(embedded);
  const tokenizerJson = withAlignerTokens(embedded, vocabularySize);
  const tokenizer = await createTextTokenizer(tokenizerJson);
  const special = alignerTokenIds(tokenizer);
  const prompt = layoutSource(tokenizer, special, exchange, { maxTokens: shape.maxTokens });
  if (prompt === undefined) throw new AlignSquadError('The exchange does not fit the decoder.', { code: 'invalid-dataset' });
  const plan = { prompt, source: tokenizer.encode(exchange.response), target: [...tokenizer.encode(target), ...special.done], copied };
  await writePack(folder, {
    manifest: {
      schemaVersion: 1, name: 'planned-aligner', version: '0.0.0', language: 'en', license: 'Apache-2.0',
      aligner: { design: 'decoder', criteria, model: 'onnx/model_quantized.onnx', tokenizer: 'tokenizer.json', maxTokens: shape.maxTokens },
    },
    models: { 'onnx/model.onnx': withPlan(buildLlamaDecoder(shape, createRandom(1)), plan) },
    tokenizer: tokenizerJson,
    json: huggingFaceConfig('decoder', { shape, tokenizer }),
  });
  return plan;
}

/** The source of the aligner as the text that a user of transformers.js would write. */
export function sourceText({ prompt, context = '', response }: Exchange): string {
  const { start, context: grounding, init, aligned } = alignerTokens;
  return `${start}${promptText(prompt)}${grounding}${context}${init}${response}${aligned}`;
}

function withAlignerTokens({ added_tokens: known, ...rest }: TokenizerFile, vocabularySize: number): TokenizerFile {
  const names = known.map(({ content }) => content);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const missing = Object.values(alignerTokens).filter((name) => !names.includes(name));
  const added = missing.map((content, index) => ({ id: vocabularySize + index, content, ...flags }));
  // The inspector's layout is not the aligner's.
  return { ...rest, post_processor: null, added_tokens: [...known, ...added] };
}
