import { AlignSquadError } from '@align-squad/core';
import { createSession, loadPackTokenizer, type OnnxSession, type Pack } from '@align-squad/onnx';
import { loadBank, type Bank } from '../pack/bank.js';
import type { SentenceEditsManifest } from '../pack/manifest.js';
import { createEmbedText, type EmbedText } from '../pack/text-vectors.js';

/** What rewrites are found with. */
export interface RewriteTools {
  readonly bank: Bank;
  readonly embed: EmbedText;
}

/** Tools that are loaded once, by whoever asks first. */
export interface LoadedOnce {
  /** Rejects as the load does, after which the next one tries again, or with `disposed`. */
  get(): Promise<RewriteTools>;
  dispose(): Promise<void>;
}

interface OpenTools extends RewriteTools {
  readonly session: OnnxSession;
}

/** The replacements, tokenizer and embedder of a pack, about 20 MB in memory. */
export function createRewriteTools(pack: Pack, manifest: SentenceEditsManifest): LoadedOnce {
  let loading: Promise<OpenTools> | undefined;
  let isDisposed = false;
  const load = async (): Promise<OpenTools> => {
    try {
      return await openTools(pack, manifest);
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  return {
    async get() {
      if (isDisposed) throw new AlignSquadError('The aligner of the pack was disposed.', { code: 'disposed' });
      const { bank, embed } = await (loading ??= load());
      return { bank, embed };
    },
    async dispose() {
      isDisposed = true;
      const [opened] = await Promise.allSettled([loading]);
      if (opened.status === 'fulfilled') await opened.value?.session.dispose();
    },
  };
}

async function openTools(pack: Pack, manifest: SentenceEditsManifest): Promise<OpenTools> {
  const bank = await loadBank(pack, manifest);
  const tokenizer = await loadPackTokenizer(pack, manifest.tokenizer);
  const session = await createSession(pack.path(manifest.embedder));
  if (session.outputNames.includes('embedding')) return { bank, session, embed: createEmbedText(session, tokenizer, manifest.width) };
  await session.dispose();
  throw new AlignSquadError(`Expected ${manifest.embedder} to give \`embedding\`.`, { code: 'pack-invalid' });
}
