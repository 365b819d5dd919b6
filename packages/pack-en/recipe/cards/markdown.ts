import type { Interval } from '@align-squad/eval';

/** What stands where there is no number. */
export const none = '–';

/** Text as it reads in Markdown, on one line and in a table: what would be markup is escaped. */
export function markdownText(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/[\\`*_[\]<>|#~]/g, '\\$&').replace(/&/g, '&amp;');
}

/** A table of Markdown; cells are Markdown already. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** A table whose cells are text. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A number with three digits. */
export function formatNumber(value: number | null, digits = 3): string {
  return isNumber(value) ? value.toFixed(digits) : none;
}

/** A share as per cent. */
export function formatShare(value: number | null, digits = 1): string {
  return isNumber(value) ? `${(100 * value).toFixed(digits)} %` : none;
}

/** A whole number, thousands apart. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** Bytes in megabytes of 10^6. */
export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Both ends of an interval. */
export function formatInterval(interval: Interval | null, format: (value: number) => string = formatNumber): string {
  return interval === null ? none : `${format(interval.low)} to ${format(interval.high)}`;
}

function isNumber(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}
