import { AlignSquadError } from '@align-squad/core';

// The parts of node-llama-cpp 3 that are used here, written down since its install is too large for every clone to have it.

/** A token id. */
export type LlamaToken = number;

/** Text of a chat template, with its special tokens apart from the texts of messages. */
export interface LlamaText {
  tokenize(tokenizer: LlamaTokenizer): LlamaToken[];
  toString(): string;
}

/** Opaque to us: `LlamaText` is tokenized by it. */
export type LlamaTokenizer = LlamaModel['tokenizer'];

/** One turn of a conversation. */
export type LlamaTurn =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: string[] };

/** A chat template. */
export interface LlamaChatWrapper {
  generateContextState(options: { chatHistory: LlamaTurn[] }): {
    readonly contextText: LlamaText;
    readonly stopGenerationTriggers: readonly LlamaText[];
  };
}

/** Settings of one request. */
export interface LlamaSampling {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
  readonly grammarEvaluationState?: LlamaGrammarState;
}

/** One token, and the probabilities of all tokens, likeliest first, where they were asked for. */
export interface LlamaSample {
  readonly token: LlamaToken;
  readonly probabilities?: ReadonlyMap<LlamaToken, number>;
}

/** The state of one text in a context. */
export interface LlamaSequence {
  readonly contextSize: number;
  clearHistory(): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: LlamaToken[]): Promise<void>;
  /** Ends where the model ends its text. */
  evaluateWithMetadata(tokens: LlamaToken[], metadata: { readonly probabilities: boolean }, options: LlamaSampling): AsyncGenerator<LlamaSample, void, void>;
}

/** Memory for the texts that a model works on. */
export interface LlamaContext {
  getSequence(): LlamaSequence;
  dispose(): Promise<void>;
}

/** A model file. */
export interface LlamaModel {
  readonly tokenizer: unknown;
  readonly trainContextSize: number;
  readonly fileInfo: { readonly metadata: { readonly tokenizer?: { readonly chat_template?: string | undefined } | undefined } };
  readonly tokens: { readonly bos: LlamaToken | null; readonly eos: LlamaToken | null; readonly shouldPrependBosToken: boolean };
  /** Names of special tokens are spelt out, unless `specialTokens`. */
  tokenize(text: string, specialTokens?: boolean): LlamaToken[];
  /** The text that follows `lastTokens`; names of special tokens are left out, unless `specialTokens`. */
  detokenize(tokens: readonly LlamaToken[], specialTokens?: boolean, lastTokens?: readonly LlamaToken[]): string;
  isSpecialToken(token: LlamaToken | undefined): boolean;
  createContext(options: { contextSize: number; sequences: number; threads: number; failedCreationRemedy: false }): Promise<LlamaContext>;
  dispose(): Promise<void>;
}

/** Opaque to us. */
export type LlamaGrammar = object;

/** How far a text is in its grammar. Opaque to us. */
export type LlamaGrammarState = object;

/** llama.cpp itself. */
export interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: object): Promise<LlamaGrammar>;
  dispose(): Promise<void>;
}

/** The library. */
export interface LlamaBinding {
  getLlama(options: { gpu: false | 'auto'; build: 'never'; skipDownload: true; progressLogs: false; logLevel: 'disabled'; maxThreads: number }): Promise<Llama>;
  resolveChatWrapper(model: LlamaModel, options: { warningLogs: false; fallbackToOtherWrappersOnJinjaError: false }): LlamaChatWrapper;
  readonly LlamaGrammarEvaluationState: new (options: { model: LlamaModel; grammar: LlamaGrammar }) => LlamaGrammarState;
}

// Named at run time, so that the compiler does not look for a library that may not be there.
const packageName: string = 'node-llama-cpp';

/** The library, where it is installed. Rejects with `missing-dependency`. */
export async function loadLlamaBinding(): Promise<LlamaBinding> {
  try {
    // The peer dependency holds it to the versions that look as above.
    return (await import(packageName)) as LlamaBinding;
  } catch (error) {
    throw new AlignSquadError('Could not load `node-llama-cpp`, which GGUF models need; install it with `npm install node-llama-cpp@3`.', { code: 'missing-dependency', cause: error });
  }
}
