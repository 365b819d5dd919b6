import { html, type Html } from './html.js';

/** A table of HTML. */
export interface TableContent {
  /** What it shows, for all readers and as the name of its scrolling region. */
  readonly caption: string;
  readonly header: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A table that scrolls on its own where the screen is narrow, by keyboard too. */
export function renderTable({ caption, header, rows }: TableContent): Html {
  const line = (row: readonly (string | number)[]): Html =>
    html`<tr>${row.map((cell, column) => (column === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${header.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(line)}</tbody>
</table></div>
`;
}
