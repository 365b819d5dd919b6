export { createExchangeLayout, type ExchangeLayout, type FirstWindow } from './format/exchange-layout.js';
export {
  exchangeTokenIds,
  exchangeTokens,
  layoutTokenIds,
  type ExchangeTokenIds,
  type LayoutTokenIds,
  type LayoutTokenNames,
} from './format/special-ids.js';
export { tokenizeExchange, type ExchangeTokens, type SentenceTokens, type TextToIds } from './format/tokenize-exchange.js';
export { layoutWindows, type TokenWindow, type WindowLimits } from './format/layout-windows.js';
export { parseInspectorManifest, type InspectorHead, type InspectorManifest } from './pack/manifest.js';
export { createPackInspector, type PackInspector, type PackInspectorOptions } from './pack/pack-inspector.js';
