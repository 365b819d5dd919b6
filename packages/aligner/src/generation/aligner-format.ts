import type { RewriteDialect, RewriteTexts } from './rewrite-dialect.js';

/** The text format that a trained aligner reads and writes, as plain functions. */
export interface AlignerFormat {
  /** Names the format, for versions. */
  readonly name: string;
  /** Texts that end the rewrite; what comes from them on is not read, also where the generator does not stop there. @default none */
  readonly stop?: readonly string[] | undefined;
  /** What the model continues with the rewrite. Markers of the format in its texts must be broken up here: `createMarkerEscape`. */
  layout(texts: Pick<RewriteTexts, 'prompt' | 'context' | 'response' | 'answers'>): string;
  /** The rewrite as people read it: the way back from what `layout` did to texts. @default as it is */
  read?: ((rewrite: string) => string) | undefined;
}

/** A format as a way to ask: the layout is the whole prompt, with no chat around it. The criterion has no place in it. */
export function createFormatDialect(format: AlignerFormat): RewriteDialect {
  return {
    name: format.name,
    isRewrite: false,
    ask: (texts) => ({ prompt: format.layout(texts), ...(format.stop && { stop: format.stop }) }),
    read: (answer) => format.read?.(answer) ?? answer,
  };
}
