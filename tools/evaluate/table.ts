/** Lays out rows as a text table: the first column to the left, the others to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      widths
        .map((width, column) => (column === 0 ? (line[column] ?? '').padEnd(width) : (line[column] ?? '').padStart(width)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A number with the given digits; `-` for null. */
export function formatNumber(value: number | null, digits = 3): string {
  return value === null ? '-' : value.toFixed(digits);
}

/** A share as per cent with one decimal; `-` for null. */
export function formatShare(value: number | null): string {
  return value === null ? '-' : `${(value * 100).toFixed(1)} %`;
}
