import { createSession, int64, type OnnxSession, type TextTokenizer } from '@align-squad/onnx';
import { embedderWidth } from './embedder-stage.js';
import { splitForCalibration } from './split.js';
import { readTriples, type Triple } from './sources.js';
import { sentenceTexts } from './triple-units.js';

/** A replacement with the texts that it is found by. */
interface BankEntry {
  readonly kind: 'sentence' | 'response';
  readonly criterion: string;
  readonly text: string;
  readonly foundBy: readonly string[];
}

/** The bank as files of a pack. */
export interface BankFiles {
  readonly bank: string;
  readonly vectors: Int8Array;
}

/** Collects what corrected the faulty texts of the training records, and their vectors. */
export async function buildBank(embedder: Uint8Array, tokenizer: TextTokenizer): Promise<BankFiles> {
  const { training } = splitForCalibration(await readTriples('train'));
  const entries = [...training.flatMap(sentenceReplacement), ...training.flatMap(wholeAnswer)];
  await using session = await createSession(embedder);
  const vectors = new Int8Array(entries.length * embedderWidth);
  for (const [index, { foundBy }] of entries.entries()) {
    const parts: Float32Array[] = [];
    for (const text of foundBy) parts.push(await embed(session, tokenizer, text));
    const sum = Float32Array.from(parts[0] ?? [], (_, at) => parts.reduce((total, part) => total + (part[at] ?? 0), 0));
    const length = Math.hypot(...sum) || 1;
    vectors.set(sum.map((value) => Math.round((127 * value) / length)), index * embedderWidth);
  }
  const replacements = entries.map(({ kind, criterion, text }) => ({ kind, criterion, text }));
  return { bank: JSON.stringify({ replacements }), vectors };
}

/** One faulty sentence that one other replaced, all else kept: found by the prompt and the faulty sentence. */
function sentenceReplacement(triple: Triple): BankEntry[] {
  if (triple.identity || triple.criterion === 'clean' || triple.criterion === 'factual') return [];
  const before = sentenceTexts(triple.misaligned);
  const after = sentenceTexts(triple.aligned);
  const [faulty, ...moreFaulty] = before.filter((sentence) => !after.includes(sentence));
  const [mended, ...moreMended] = after.filter((sentence) => !before.includes(sentence));
  const isOne = faulty !== undefined && mended !== undefined && moreFaulty.length + moreMended.length === 0 && before.length > 1;
  return isOne ? [{ kind: 'sentence', criterion: triple.criterion, text: mended, foundBy: [triple.prompt, faulty] }] : [];
}

/** An aligned answer that stands without a context: found by a prompt that is like its own and that it would answer. */
function wholeAnswer(triple: Triple): BankEntry[] {
  if (triple.context !== null || triple.criterion === 'factual') return [];
  return [{ kind: 'response', criterion: triple.criterion, text: triple.aligned, foundBy: [triple.prompt, triple.aligned] }];
}

async function embed(session: OnnxSession, tokenizer: TextTokenizer, text: string): Promise<Float32Array> {
  const ids = tokenizer.encode(text);
  const dims = [1, ids.length];
  const { embedding } = await session.run({ input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) });
  return Float32Array.from(embedding?.data ?? [], Number);
}
