import { AlignSquadError, promptText, type GenerateRequest, type Message } from '@align-squad/core';
import type { LlamaBinding, LlamaChatWrapper, LlamaModel, LlamaToken, LlamaTurn } from './llama-binding.js';

/** A prompt as tokens, and what ends its answer besides the end tokens of the model. */
export interface LaidOutPrompt {
  readonly tokens: LlamaToken[];
  readonly endTokens: readonly LlamaToken[];
  readonly endTexts: readonly string[];
}

/** Lays a prompt out for a model. Names of special tokens in texts are spelt out. */
export type PromptLayout = (prompt: GenerateRequest['prompt']) => LaidOutPrompt;

/** The chat template of the model, where it has one, or `promptText` after the first token of the model. */
export function createPromptLayout(binding: LlamaBinding, model: LlamaModel, wanted: 'chat' | 'text' | undefined): PromptLayout {
  const hasTemplate = (model.fileInfo.metadata.tokenizer?.chat_template ?? '').trim() !== '';
  if (wanted === 'text' || (wanted === undefined && !hasTemplate)) return (prompt) => layOutText(model, promptText(prompt));
  if (!hasTemplate) throw new AlignSquadError("The GGUF model has no chat template; leave out `layout`, or set it to 'text'.", { code: 'invalid-options' });
  let wrapper: LlamaChatWrapper;
  try {
    wrapper = binding.resolveChatWrapper(model, { warningLogs: false, fallbackToOtherWrappersOnJinjaError: false });
  } catch (error) {
    throw new AlignSquadError("The chat template of the GGUF model could not be read; set `layout` to 'text'.", { code: 'model-invalid', cause: error });
  }
  return (prompt) => layOutChat(model, wrapper, typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt);
}

function layOutText(model: LlamaModel, text: string): LaidOutPrompt {
  const { bos, eos, shouldPrependBosToken } = model.tokens;
  const tokens = [...(shouldPrependBosToken && bos !== null ? [bos] : []), ...model.tokenize(text, false)];
  const first = bos ?? eos;
  if (tokens.length === 0 && first === null) {
    throw new AlignSquadError('The prompt is empty, and the model names no token to begin with.', { code: 'invalid-options' });
  }
  return { tokens: tokens.length === 0 && first !== null ? [first] : tokens, endTokens: [], endTexts: [] };
}

function layOutChat(model: LlamaModel, wrapper: LlamaChatWrapper, messages: readonly Message[]): LaidOutPrompt {
  const { contextText, stopGenerationTriggers } = contextState(wrapper, [...messages.map(toTurn), { type: 'model', response: [] }]);
  const triggers = stopGenerationTriggers.map((trigger) => ({ text: trigger.toString(), tokens: trigger.tokenize(model.tokenizer) }));
  const endTokens = triggers.flatMap(({ tokens: [first] }) => (first !== undefined && model.isSpecialToken(first) ? [first] : []));
  const endTexts = triggers.filter(({ tokens: [first] }) => first !== undefined && !model.isSpecialToken(first)).map(({ text }) => text);
  return { tokens: contextText.tokenize(model.tokenizer), endTokens, endTexts };
}

function contextState(wrapper: LlamaChatWrapper, chatHistory: LlamaTurn[]): ReturnType<LlamaChatWrapper['generateContextState']> {
  try {
    return wrapper.generateContextState({ chatHistory });
  } catch {
    // Errors of templates may hold texts of messages, so there is no cause.
    throw new AlignSquadError("The chat template of the GGUF model refused these messages; some want users and assistants to alternate.", { code: 'generator-failed' });
  }
}

function toTurn({ role, content }: Message): LlamaTurn {
  if (role === 'assistant') return { type: 'model', response: [content] };
  return { type: role === 'system' ? 'system' : 'user', text: content };
}
