import { AlignSquadError, parseWith } from '@align-squad/core';
import {
  deltaSha256,
  greedyDecode,
  greedyDecodeEncoded,
  loadPackTokenizer,
  readCacheShape,
  type CacheShape,
  type DecodeTokens,
  type Delta,
  type OnnxSession,
  type Pack,
  type TextTokenizer,
} from '@align-squad/onnx';
import { z } from 'zod';
import { defaultNewTokens } from '../designs/decoder.js';
import { createGenerativeAligner } from '../designs/generative-aligner.js';
import type { PackAligner } from '../designs/pack-aligner-base.js';
import { alignerTokenIds, type AlignerTokenIds } from '../format/aligner-tokens.js';
import { parseAlignerManifest, type DecoderManifest, type EncoderDecoderManifest } from '../pack/manifest.js';
import { openDeltaSessions, type DeltaSessions, type OpenDeltaOptions } from './open-delta-sessions.js';
import { createTurns, type Turns } from './turns.js';

/** Options of `createDeltaAligners`. */
export interface DeltaAlignersOptions {
  /** The base, with its float32 models; an aligner of the design `decoder` or `encoder-decoder`. */
  readonly pack: Pack;
  /** Fine-tunes of it, as `readDelta` gives them; each becomes an aligner of the criteria that its pack served. */
  readonly deltas: readonly Delta[];
  /**
   * `request`: all share the base in memory, and a change is added while a rewrite is decoded. `load`: each has a model of its
   * own, made when it is loaded, which is faster and costs the memory of as many models. @default 'request'
   */
  readonly apply?: 'request' | 'load' | undefined;
  /** Run the base in int8; changes that are added to a request stay float32. @default whether the aligner of the base runs in int8 */
  readonly int8?: boolean | undefined;
  /** Deltas that stay unpacked with `request`, those used last; a whole number from 1. @default 2 */
  readonly cached?: number | undefined;
}

/** Aligners that are fine-tunes of one base. */
export interface DeltaAligners {
  /** One a delta, in their order. Disposing of one leaves the others. */
  readonly aligners: readonly PackAligner[];
  /** Frees the models of all. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

type Generative = DecoderManifest | EncoderDecoderManifest;

interface Base {
  readonly pack: Pack;
  readonly tokenizer: TextTokenizer;
  readonly cache: CacheShape;
  readonly models: readonly DeltaSessions[];
  /** A rewrite has the model to itself, so that two of different deltas do not unpack them in turn at each token. */
  readonly turns: Turns;
}

const optionsSchema = z.object({
  apply: z.enum(['request', 'load']).default('request'),
  int8: z.boolean().optional(),
  cached: z.int().min(1).optional(),
});

/**
 * Creates an aligner of each delta over one base (Delta-CoMe, Ping et al. 2024). They rewrite one at a time, in the order of
 * the requests, and give whole rewrites.
 * @throws AlignSquadError `pack-hash-mismatch` for a delta of another base, `pack-invalid` for another design or without float32
 * models, `invalid-options`, `model-invalid`, `missing-dependency`.
 */
export async function createDeltaAligners({ pack, deltas, ...rest }: DeltaAlignersOptions): Promise<DeltaAligners> {
  const { apply, int8, cached } = parseWith(optionsSchema.strict(), rest, { what: 'options of `createDeltaAligners`', code: 'invalid-options' });
  if (deltas.length === 0) throw new AlignSquadError('Expected at least one delta.', { code: 'invalid-options' });
  const own = requireGenerative(pack.manifest.aligner);
  const sections = deltas.map((delta) => requireGenerative(delta.pack.aligner, own.design));
  const tokenizer = await loadPackTokenizer(pack, own.tokenizer);
  const specials = sections.map(({ tokens }) => alignerTokenIds(tokenizer, tokens));
  const cache = readCacheShape(await pack.readJson(own.config ?? 'config.json'));
  const options: OpenDeltaOptions = { apply, int8, cached };
  const models: DeltaSessions[] = [];
  const dispose = async (): Promise<void> => void (await Promise.all(models.map((model) => model.dispose())));
  try {
    for (const file of own.design === 'decoder' ? [own.model] : [own.encoder, own.decoder]) models.push(await openDeltaSessions(pack, file, deltas, options));
  } catch (error) {
    await dispose();
    throw error;
  }
  const base: Base = { pack, tokenizer, cache, models, turns: createTurns() };
  const aligners = deltas.map((delta, index) => {
    const [section, special] = [sections[index], specials[index]];
    return section && special ? [alignerOf(base, delta, section, special, index)] : [];
  }).flat();
  return { aligners, dispose, [Symbol.asyncDispose]: dispose };
}

function alignerOf({ tokenizer, cache, models, turns }: Base, delta: Delta, section: Generative, special: AlignerTokenIds, index: number): PackAligner {
  const sessions = models.flatMap((model) => model.sessions[index] ?? []);
  const newTokens = section.maxNewTokens ?? defaultNewTokens;
  const { maxTokens } = section;
  return createGenerativeAligner({
    // Deltas of one pack at two budgets are two aligners.
    version: `${delta.pack.name}@${delta.pack.version}+delta.${deltaSha256(delta).slice(0, 12)}`,
    criteria: section.criteria,
    tokenizer,
    special,
    maxTokens,
    // A decoder has its tokens for source and rewrite together.
    roomAfter: (sourceTokens) => Math.min(newTokens, section.design === 'decoder' ? maxTokens - sourceTokens : maxTokens),
    decode: inTurn(turns, decodeWith(sessions, cache, special)),
    live: false,
    async dispose() {
      await Promise.all(sessions.map((session) => session.dispose()));
    },
  });
}

function decodeWith([first, second]: readonly OnnxSession[], cache: CacheShape, special: AlignerTokenIds): DecodeTokens {
  if (first === undefined) throw new AlignSquadError('The pack has no model to decode with.', { code: 'pack-invalid' });
  if (second === undefined) return (request) => greedyDecode(first, { ...request, cache });
  return (request) => greedyDecodeEncoded({ encoder: first, decoder: second }, { ...request, cache, startId: special.decoderStart });
}

function inTurn(turns: Turns, decode: DecodeTokens): DecodeTokens {
  return async function* (request) {
    const end = await turns.take(request.signal);
    try {
      yield* decode(request);
    } finally {
      end();
    }
  };
}

function requireGenerative(section: unknown, design?: Generative['design']): Generative {
  const manifest = parseAlignerManifest(section);
  const isGenerative = manifest.design === 'decoder' || manifest.design === 'encoder-decoder';
  if (isGenerative && (design === undefined || manifest.design === design)) return manifest;
  throw new AlignSquadError(
    `Expected an aligner of the design ${design === undefined ? '`decoder` or `encoder-decoder`' : `\`${design}\`, as its base is`}, got \`${manifest.design ?? 'sentence-edits'}\`: apply a delta of another design with \`applyDelta\`.`,
    { code: 'pack-invalid' },
  );
}
