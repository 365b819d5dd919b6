import type { Interval } from '../metrics/bootstrap.js';

/** A number with three digits; a dash for none. */
export function formatNumber(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits);
}

/** A share as per cent with one digit; a dash for none. */
export function formatShare(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(1)} %`;
}

/** An interval as two numbers. */
export function formatInterval(interval: Interval | null): string {
  return interval === null ? '–' : `${interval.low.toFixed(3)}–${interval.high.toFixed(3)}`;
}

/** An interval of a share as per cent. */
export function formatShareInterval(interval: Interval | null): string {
  return interval === null ? '–' : `${(interval.low * 100).toFixed(1)}–${(interval.high * 100).toFixed(1)} %`;
}
