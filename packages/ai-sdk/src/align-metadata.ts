import type { AlignReport } from '@align-squad/squad';
import type { Metadata } from './model-types.js';

/** What is in `providerMetadata['align-squad']`: JSON without any text of the call. */
export interface AlignMetadata {
  /** One report a text of a stream, in the order in which they ended; of a generated result, one of all its text. */
  readonly texts: readonly AlignReport[];
  /** One report a reasoning text, when reasoning is aligned. */
  readonly reasoning: readonly AlignReport[];
  /** Why nothing was aligned. */
  readonly skipped?: 'structured-output' | undefined;
}

/** The report of structured output. */
export const skippedMetadata: AlignMetadata = { texts: [], reasoning: [], skipped: 'structured-output' };

/** Adds the report to what the provider says. */
export function withReport(providerMetadata: Metadata | undefined, report: AlignMetadata): Metadata {
  return { ...providerMetadata, 'align-squad': report };
}

/** The report in the provider metadata of a result; undefined where the middleware had no part in it. */
export function alignMetadataOf(providerMetadata: Metadata | undefined): AlignMetadata | undefined {
  // put there by `withReport` alone
  return providerMetadata?.['align-squad'] as AlignMetadata | undefined;
}
