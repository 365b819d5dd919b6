import type { LlamaBinding, LlamaModel, LlamaSample, LlamaSequence, LlamaText, LlamaToken } from '../llama-binding.js';
import { specialTokens } from '../test-support.js';

/** What a double of node-llama-cpp does. */
export interface FakeBindingOptions {
  /** The token that follows so many. */
  readonly next: (tokens: readonly LlamaToken[]) => LlamaToken;
  readonly chatTemplate?: string | undefined;
  /** Fails a step of the library. */
  readonly failing?: 'getLlama' | 'loadModel' | 'resolveChatWrapper' | 'generateContextState' | 'evaluate' | undefined;
  /** What templates end an answer by, besides the end token. */
  readonly trigger?: string | undefined;
}

/** A double of node-llama-cpp over bytes, with what was done to it. */
export interface FakeBinding extends LlamaBinding {
  /** Names of what was disposed, in order. */
  readonly disposed: readonly string[];
  /** Lengths of the pieces that prompts came in. */
  readonly pieces: readonly number[];
  readonly schemas: readonly object[];
  /** Most sequences that were at work at a time. */
  readonly most: () => number;
}

const endToken = 258;

/** A model over bytes and the special tokens of the tiny models, which writes what `next` says and ends at <|im_end|>. */
export function fakeBinding(options: FakeBindingOptions): FakeBinding {
  const { failing } = options;
  const [disposed, pieces, schemas]: [string[], number[], object[]] = [[], [], []];
  const counts = { atWork: 0, most: 0 };
  const fail = (step: FakeBindingOptions['failing']): void => {
    // Stands for an error of the library that repeats what it was given.
    if (failing === step) throw new TypeError('the text of a user');
  };
  const work = async <T>(result: () => T): Promise<T> => {
    counts.most = Math.max(counts.most, ++counts.atWork);
    await new Promise((resolve) => setImmediate(resolve));
    counts.atWork--;
    fail('evaluate');
    return result();
  };
  const dispose = (name: string) => async (): Promise<void> => void disposed.push(name);
  const sequence = (contextSize: number): LlamaSequence => createSequence(contextSize, options, pieces, work);
  const model: LlamaModel = {
    ...fakeTokenizer,
    tokenizer: fakeTokenizer,
    trainContextSize: 16384,
    fileInfo: { metadata: { tokenizer: { chat_template: options.chatTemplate } } },
    tokens: { bos: 256, eos: endToken, shouldPrependBosToken: false },
    createContext: async ({ contextSize }) => ({ getSequence: () => sequence(contextSize), dispose: dispose('context') }),
    dispose: dispose('model'),
  };
  return {
    disposed,
    pieces,
    schemas,
    most: () => counts.most,
    async getLlama() {
      fail('getLlama');
      return {
        loadModel: async () => (fail('loadModel'), model),
        createGrammarForJsonSchema: async (schema) => (schemas.push(schema), {}),
        dispose: dispose('llama'),
      };
    },
    resolveChatWrapper() {
      fail('resolveChatWrapper');
      return {
        generateContextState: ({ chatHistory }) => {
          fail('generateContextState');
          const turns = chatHistory.map((turn) => fakeText(`<|im_start|>${turn.type}\n`, 'text' in turn ? turn.text : turn.response.join('')));
          const text = fakeText('', '');
          const contextText = { ...text, tokenize: () => turns.flatMap((turn) => turn.tokenize(undefined)) };
          return { contextText, stopGenerationTriggers: [fakeText('<|endoftext|>', ''), fakeText('', options.trigger ?? '')] };
        },
      };
    },
    LlamaGrammarEvaluationState: class {},
  };
}

function createSequence(
  contextSize: number,
  { next }: FakeBindingOptions,
  pieces: number[],
  work: <T>(result: () => T) => Promise<T>,
): LlamaSequence {
  let history: LlamaToken[] = [];
  return {
    contextSize,
    clearHistory: async () => void (history = []),
    async evaluateWithoutGeneratingNewTokens(tokens) {
      pieces.push(tokens.length);
      await work(() => history.push(...tokens));
    },
    async *evaluateWithMetadata(tokens, { probabilities }): AsyncGenerator<LlamaSample, void, void> {
      pieces.push(tokens.length);
      history.push(...tokens);
      for (;;) {
        const token = await work(() => next(history));
        if (token === endToken) return;
        yield { token, ...(probabilities && { probabilities: new Map([[token, 0.75], [token ^ 1, 0.25]]) }) };
        history.push(token);
      }
    },
  };
}

const fakeTokenizer: Pick<LlamaModel, 'tokenize' | 'detokenize' | 'isSpecialToken'> = {
  tokenize(text, obeysNames = false) {
    const name = obeysNames ? specialTokens.find((each) => text.startsWith(each)) : undefined;
    if (name !== undefined) return [256 + specialTokens.indexOf(name), ...this.tokenize(text.slice(name.length), true)];
    return [...Buffer.from(text)];
  },
  detokenize: (tokens, tellsNames = false) => tokens.map((token) => (token < 256 ? '' : tellsNames ? specialTokens[token - 256] : '')).join('') + Buffer.from(tokens.filter((token) => token < 256)).toString(),
  isSpecialToken: (token = 0) => token >= 256,
};

function fakeText(special: string, plain: string): LlamaText {
  return { tokenize: () => [...fakeTokenizer.tokenize(special, true), ...fakeTokenizer.tokenize(plain)], toString: () => special + plain };
}
