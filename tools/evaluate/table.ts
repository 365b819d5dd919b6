/** A number with the given digits; `-` for null. */
export function formatNumber(value: number | null, digits = 3): string {
  return value === null ? '-' : value.toFixed(digits);
}

/** A share as per cent with one decimal; `-` for null. */
export function formatShare(value: number | null): string {
  return value === null ? '-' : `${(value * 100).toFixed(1)} %`;
}
