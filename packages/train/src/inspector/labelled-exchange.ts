import type { Exchange } from '@align-squad/core';

/** What training an inspector needs of a record. */
export interface LabelledExchange {
  readonly exchange: Exchange;
  /** P(misaligned) by criterion, in [0, 1]; criteria that are not labelled are left out. */
  readonly labels: Readonly<Record<string, number>>;
  /** How much the labels count. */
  readonly weight: number;
  /** Labels of the response's sentences, in order; null where unknown. */
  readonly sentences?:
    | { readonly labels: readonly (Readonly<Record<string, number>> | null)[]; readonly weight?: number | undefined }
    | undefined;
}

/** Token ids of an exchange with the positions of its sentence markers. */
export interface LaidOutExchange {
  readonly ids: readonly number[];
  readonly markers: readonly { readonly sentence: number; readonly position: number }[];
}

/** Lays an exchange out as one input of an inspector. */
export type LayOut = (exchange: Exchange) => LaidOutExchange;

/** A label says misaligned. */
export function isMisaligned(label: number): boolean {
  return label >= 0.5;
}
