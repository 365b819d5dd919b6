import { foldSpace } from '../clean/fold-text.js';
import type { Triple } from '../records/records.js';
import type { RestyleReview } from './restyle-requests.js';

/** Options of `preferenceCascade`. */
export interface PreferenceCascadeOptions {
  /** Reviews of the restyled records. */
  readonly reviews: readonly RestyleReview[];
  /** What becomes of a record whose restyled correction is rejected or missing. @default 'drop' */
  readonly rejected?: 'drop' | 'keep-original' | undefined;
}

/** What the cascade did to the records that were selected. */
export interface PreferenceCascadeReport {
  /** Records with the restyled correction. */
  readonly restyled: number;
  /** Identity records, which are passed through. */
  readonly identity: number;
  /** Records whose restyled correction the model rejected. */
  readonly rejected: number;
  /** Records without a readable restyled correction or review. */
  readonly unreviewed: number;
}

/**
 * The records that the model reviewed and restyled, images and all else as they were (last part of the cascade of Align2LLaVA,
 * 2409.18541, LLM Preference Alignment; `selectTopShare` is the first). A restyled correction that repeats the response is rejected.
 */
export function preferenceCascade(
  records: readonly Triple[],
  { reviews, rejected = 'drop' }: PreferenceCascadeOptions,
): { readonly records: readonly Triple[]; readonly report: PreferenceCascadeReport } {
  const reviewOf = new Map(reviews.map((review) => [review.record.id, review]));
  const report = { restyled: 0, identity: 0, rejected: 0, unreviewed: 0 };
  const kept = records.flatMap((record): Triple[] => {
    if (record.identity) {
      report.identity += 1;
      return [record];
    }
    const review = reviewOf.get(record.id);
    if (review?.isAccepted && foldSpace(review.restyled) !== foldSpace(record.misaligned)) {
      report.restyled += 1;
      return [{ ...record, aligned: review.restyled }];
    }
    if (review) report.rejected += 1;
    else report.unreviewed += 1;
    return rejected === 'keep-original' ? [record] : [];
  });
  return { records: kept, report };
}
