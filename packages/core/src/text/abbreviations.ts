// What follows one of these belongs to the same sentence.
const beforeName = /(?:^|[^\p{L}])(?:Dr|Mrs?|Ms|Prof|Gen|Sen|Rep|Rev|Hon|Capt|Lt|Col|Sgt|Mt|vs|cf|e\.g|i\.e)\.$/u;
// These are abbreviations before a number only: "No. 5", but "No. It does not."
const beforeNumber =
  /(?:^|[^\p{L}])(?:Nos?|Figs?|Eqs?|Sec|Ch|Vol|pp?|approx|ca|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.$/iu;
// These may end a sentence or not; a word that often starts one decides. A single capital covers initials and "U.S.".
const eitherWay = /(?:^|[^\p{L}])(?:\p{Lu}|St|Jr|Sr|Inc|Ltd|Co|Corp|etc|al|a\.m|p\.m)\.$/u;
const starter =
  /^["'“‘([*_]{0,4}(?:The|A|An|It|Its|He|She|They|We|I|You|Your|This|That|These|Those|There|But|And|So|Or|If|When|While|In|On|At|For|From|As|Both|Each|Some|Most|Many|Then|However|Also|Not|No|Yes|What|Why|How|Who|Is|Are|Do|Does|Did)(?![\p{L}.])/u;

/**
 * Whether the full stop that ends `tail` belongs to an abbreviation, so that `next`, the text after the white space, goes on.
 * Both may be cut to some twenty characters.
 */
export function abbreviates(tail: string, next: string): boolean {
  if (beforeName.test(tail)) return true;
  if (beforeNumber.test(tail) && /^\p{N}/u.test(next)) return true;
  return eitherWay.test(tail) && !starter.test(next);
}

/** Whether the word after `tail` decides if the full stop that ends it ends the sentence too. */
export function awaitsNextWord(tail: string): boolean {
  return !beforeName.test(tail) && eitherWay.test(tail);
}
