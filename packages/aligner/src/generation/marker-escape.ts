/** Breaks the markers of a format up where a text holds them, and puts them together again. */
export interface MarkerEscape {
  /** The text with no marker in it, to which `unescape` is the way back. */
  escape(text: string): string;
  unescape(text: string): string;
}

/**
 * An escape for markers, each with the character that is put after its first one: `{ '[DONE]': ' ' }` makes `[ DONE]` of
 * `[DONE]`, and `[  DONE]` of `[ DONE]`, so that nothing is lost and two texts never become one. Case counts, as the
 * tokenizers of these models tell it apart.
 */
export function createMarkerEscape(markers: Readonly<Record<string, string>>): MarkerEscape {
  const steps = Object.entries(markers).map(([marker, filler]) => {
    const [first, rest] = [marker.slice(0, 1), marker.slice(1)];
    const pattern = `${quote(first)}(${quote(filler)}*)${quote(rest)}`;
    return { pattern: new RegExp(pattern, 'g'), first, filler, rest };
  });
  return {
    escape: (text) =>
      steps.reduce((escaped, { pattern, first, filler, rest }) => escaped.replace(pattern, (_, fill: string) => first + fill + filler + rest), text),
    unescape: (text) =>
      steps.reduceRight((plain, { pattern, first, filler, rest }) => plain.replace(pattern, (_, fill: string) => first + fill.slice(filler.length) + rest), text),
  };
}

function quote(text: string): string {
  return text.replace(/[^\w\s]/g, String.raw`\$&`);
}
