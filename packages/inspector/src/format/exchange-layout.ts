import type { Exchange, TextSpan } from '@align-squad/core';
import type { InspectorManifest } from '../pack/manifest.js';
import { layoutWindows, type TokenWindow } from './layout-windows.js';
import { exchangeTokenIds, layoutTokenIds, type LayoutTokenIds } from './special-ids.js';
import { tokenizeExchange, type ExchangeTokens, type TextToIds } from './tokenize-exchange.js';

/** The first window of an exchange, which is what training sees of it. */
export interface FirstWindow extends Pick<TokenWindow, 'ids' | 'markers'> {
  /** Sentences of the response by index, as `markers` count them. */
  readonly sentences: readonly TextSpan[];
  /** The window does not hold all of the exchange: there are more windows, or the prompt lost its middle. */
  readonly isCut: boolean;
}

/** How the exchanges of a pack are laid out, for its inspector and for training. */
export interface ExchangeLayout {
  readonly special: LayoutTokenIds;
  /** All windows of a tokenized exchange, laid out as they are asked for. */
  windows(tokens: ExchangeTokens): Generator<TokenWindow, void, undefined>;
  firstWindow(exchange: Exchange): FirstWindow;
}

/**
 * The layout that an `inspector` section names: of `exchangeTokens`, or of its own `tokens`.
 * @throws AlignSquadError `pack-invalid` when the tokenizer lacks one of the tokens.
 */
export function createExchangeLayout(
  tokenizer: TextToIds & { tokenId(token: string): number | undefined },
  { tokens: names, limits }: Pick<InspectorManifest, 'tokens' | 'limits'>,
): ExchangeLayout {
  const tokenId = (token: string): number | undefined => tokenizer.tokenId(token);
  const special = names === undefined ? exchangeTokenIds(tokenId) : layoutTokenIds(tokenId, names);
  return {
    special,
    windows: (tokens) => layoutWindows(tokens, special, limits),
    firstWindow(exchange) {
      const tokens = tokenizeExchange(tokenizer, exchange);
      const [first, ...more] = firstTwo(layoutWindows(tokens, special, limits));
      return {
        ids: first?.ids ?? [],
        markers: first?.markers ?? [],
        sentences: tokens.sentences.map(({ start, end }) => ({ start, end })),
        isCut: more.length > 0 || tokens.prompt.length > limits.promptTokens,
      };
    },
  };
}

// A long exchange has many windows, and the others are not wanted.
function firstTwo(windows: Generator<TokenWindow, void, undefined>): TokenWindow[] {
  const found: TokenWindow[] = [];
  for (const window of windows) {
    found.push(window);
    if (found.length === 2) break;
  }
  return found;
}
