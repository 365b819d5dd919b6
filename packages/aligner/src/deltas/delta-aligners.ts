import { AlignSquadError, parseWith } from '@align-squad/core';
import { deltaSha256, loadPackTokenizer, readCacheShape, type DecodeSession, type DecodeTokens, type Delta, type Pack, type TextTokenizer } from '@align-squad/onnx';
import { z } from 'zod';
import { defaultNewTokens } from '../designs/decoder.js';
import { createGenerativeAligner } from '../designs/generative-aligner.js';
import type { PackAligner } from '../designs/pack-aligner-base.js';
import { alignerTokenIds, type AlignerTokenIds } from '../format/aligner-tokens.js';
import { parseAlignerManifest, type DecoderManifest, type EncoderDecoderManifest } from '../pack/manifest.js';
import { openDeltaDecoders, openDeltaSessions, type DeltaSessions, type OpenDeltaDecoderOptions } from './open-delta-sessions.js';
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
  readonly tokenizer: TextTokenizer;
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
  const { sessions, dispose } = await openDecoders(pack, own, deltas, { specials, options: { apply, int8, cached, cache } });
  const base: Base = { tokenizer, turns: createTurns() };
  const aligners = deltas.flatMap((delta, index) => {
    const [section, special, session] = [sections[index], specials[index], sessions[index]];
    return section && special && session ? [alignerOf(base, { delta, section, special, session })] : [];
  });
  return { aligners, dispose, [Symbol.asyncDispose]: dispose };
}

interface DecoderOptions {
  readonly specials: readonly AlignerTokenIds[];
  readonly options: OpenDeltaDecoderOptions;
}

async function openDecoders(pack: Pack, own: Generative, deltas: readonly Delta[], { specials, options }: DecoderOptions): Promise<DeltaSessions<DecodeSession>> {
  if (own.design === 'decoder') return openDeltaDecoders(pack, own.model, deltas, options);
  const opened = await openDeltaSessions(pack, own.encoder, deltas, options);
  const encoders = specials.flatMap(({ decoderStart: startId }, index) => opened.sessions[index] ? [{ session: opened.sessions[index], startId }] : []);
  try {
    const decoders = await openDeltaDecoders(pack, own.decoder, deltas, { ...options, encoders });
    return { sessions: decoders.sessions, dispose: async () => void (await Promise.all([decoders.dispose(), opened.dispose()])) };
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

interface DeltaAligner {
  readonly delta: Delta;
  readonly section: Generative;
  readonly special: AlignerTokenIds;
  readonly session: DecodeSession;
}

function alignerOf({ tokenizer, turns }: Base, { delta, section, special, session }: DeltaAligner): PackAligner {
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
    decode: inTurn(turns, (request) => session.decode(request)),
    live: false,
    dispose: () => session.dispose(),
  });
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
