const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
// Scripts without spaces between words count a character as a word.
const word = new RegExp(String.raw`[${unspaced}]\p{M}*|(?:(?![${unspaced}])[\p{L}\p{M}\p{N}])+(?:['’](?:(?![${unspaced}])\p{L})+)*`, 'gu');
// Signs such as + and - stay: "12 + 7" and "12 - 7" are two questions.
const separators = /[\s.,;:!?¡¿"'`()[\]{}…“”‘’„«»。，！？、]+/gu;

/** A text in lower case, with each run of white space as one space. */
export function foldSpace(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** A text in lower case without the marks between words and sentences; one that has nothing else keeps them. */
export function foldText(text: string): string {
  const folded = text.normalize('NFKC').toLowerCase().replace(separators, ' ').trim();
  return folded === '' ? foldSpace(text) : folded;
}

/** The words of a text in lower case, without punctuation. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(word) ?? [];
}
