/** Text for within a line that Markdown shows as it is: no markup, no table cell, no link, no control character. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]<>()#|!~&@:$^=]/gu, '\\$&')
    .replace(/\bwww\./giu, (start) => `${start.slice(0, 3)}\\.`);
}

/** A double-quoted scalar of YAML. */
export function quoteYaml(text: string): string {
  // JSON is YAML but for characters that YAML takes for unprintable or for line breaks.
  return JSON.stringify(oneLine(text)).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
}
