import type { AlignerRecord } from '../data/read-records.js';
import { toPreference, toSftChat, type CorrectedExchange } from './chat-lines.js';
import { spellsMarker, toTrlPreference, toTrlSft } from './trl-lines.js';

/** Formats of `exportRecords`: chats for hosted fine-tuning, and plain text for TRL, each supervised or as preferences. */
export type ExportFormat = 'sft-chat' | 'preference' | 'trl-sft' | 'trl-preference';

/** How many records a format has no line for, by the reason. */
export interface LeftOut {
  /** The response was aligned to begin with, so there is nothing to prefer it over; preferences only. */
  readonly identities: number;
  /** The record counts for nothing, which the formats can't say. */
  readonly zeroWeights: number;
  /** A text spells a marker such as `[DONE]`; TRL only. */
  readonly markers: number;
}

/** What a format makes of a record, and what it can't hold. */
export interface FormatRules {
  readonly toLine: (record: CorrectedExchange) => object;
  /** It needs two responses that differ. */
  readonly isPreference: boolean;
  /** It lays texts out between markers, which no text may spell. */
  readonly hasMarkers: boolean;
}

/** The rules of each format. */
export const exportFormats: Readonly<Record<ExportFormat, FormatRules>> = {
  'sft-chat': { toLine: toSftChat, isPreference: false, hasMarkers: false },
  preference: { toLine: toPreference, isPreference: true, hasMarkers: false },
  'trl-sft': { toLine: toTrlSft, isPreference: false, hasMarkers: true },
  'trl-preference': { toLine: toTrlPreference, isPreference: true, hasMarkers: true },
};

/** Why a format has no line for a record; undefined when it has one. */
export function reasonToLeaveOut(record: AlignerRecord, format: ExportFormat): keyof LeftOut | undefined {
  const { isPreference, hasMarkers } = exportFormats[format];
  if (record.weight === 0) return 'zeroWeights';
  if (isPreference && record.identity) return 'identities';
  return hasMarkers && spellsMarker(record) ? 'markers' : undefined;
}
