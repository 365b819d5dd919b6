import { AlignSquadError } from '@align-squad/core';
import {
  createExchangeLayout,
  parseInspectorManifest,
  type ExchangeLayout,
  type InspectorManifest,
  type LayoutTokenNames,
} from '@align-squad/inspector';
import { openBase, type TrainBase } from './open-base.js';

/** A base whose encoder a new inspector is built on. */
export interface InspectorBase extends TrainBase {
  /** The base's own heads and layout, where it is an inspector pack. */
  readonly inspector?: InspectorManifest | undefined;
  readonly tokens?: LayoutTokenNames | undefined;
  readonly limits: InspectorManifest['limits'];
  readonly layout: ExchangeLayout;
}

const mostTokens = 512;

/** Opens a base and finds out how exchanges are laid out for it. Rejects with a `pack-` code. */
export async function openInspectorBase(directory: string): Promise<InspectorBase> {
  const base = await openBase(directory);
  const section = base.manifest?.inspector;
  const inspector = section === undefined ? undefined : parseInspectorManifest(section);
  const limits = inspector?.limits ?? limitsOf(base);
  const tokens = inspector === undefined ? tokensOf(base) : inspector.tokens;
  const layout = createExchangeLayout(base.tokenizer, { tokens, limits });
  return { ...base, inspector, tokens, limits, layout };
}

function limitsOf({ config, tokenizerConfig }: TrainBase): InspectorManifest['limits'] {
  const sizes = [config['max_position_embeddings'], tokenizerConfig['model_max_length']].filter((size) => typeof size === 'number');
  const maxTokens = Math.min(mostTokens, ...sizes);
  if (maxTokens < 64) throw new AlignSquadError(`The base takes ${maxTokens} tokens; an inspector needs 64 at least.`, { code: 'pack-invalid' });
  return { maxTokens, promptTokens: Math.floor(maxTokens / 5), contextTokens: Math.floor((maxTokens - 32) / 2) - Math.floor(maxTokens / 10) };
}

const layouts: readonly LayoutTokenNames[] = [
  { pad: '[PAD]', start: '[CLS]', separator: '[SEP]', mask: '[MASK]' },
  { pad: '<pad>', start: '<s>', separator: '</s>', mask: '<mask>' },
];

/** The names that the base's tokenizer has for the roles of the layout. */
function tokensOf({ tokenizer }: TrainBase): LayoutTokenNames {
  const found = layouts.find(({ pad, start, separator }) => [pad, start, separator].every((token) => tokenizer.tokenId(token) !== undefined));
  if (found === undefined) {
    throw new AlignSquadError('The tokenizer of the base has neither [CLS] and [SEP] nor <s> and </s> to lay exchanges out with.', { code: 'pack-invalid' });
  }
  const { mask, ...others } = found;
  return mask !== undefined && tokenizer.tokenId(mask) !== undefined ? found : others;
}
