/** Text that is HTML already; only `html` makes it, so that everything else is escaped. */
export interface Html {
  readonly html: string;
}

/** What a template may hold: text is escaped, HTML and lists of it are not. */
export type HtmlValue = Html | string | number | readonly HtmlValue[];

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML, in content and in quoted attributes; control characters, which HTML has no way to write, become U+FFFD. */
export function escapeHtml(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** A template whose values are escaped unless they are HTML. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { html: strings.reduce((text, part, index) => `${text}${toHtml(values[index - 1] ?? '')}${part}`) };
}

function toHtml(value: HtmlValue): string {
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return isList(value) ? value.map(toHtml).join('') : value.html;
}

function isList(value: HtmlValue): value is readonly HtmlValue[] {
  return Array.isArray(value);
}
