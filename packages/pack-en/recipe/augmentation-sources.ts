import { readParagraphs } from './sources.js';
import { readThirdPartySets, type ThirdParty } from './third-party-units.js';

/** Texts that training units are made from beside the triples. */
export interface AugmentationSources {
  readonly paragraphs: readonly string[];
  readonly thirdParty: ThirdParty;
}

/** Reads textbook paragraphs of a middle length and the third-party sets. */
export async function augmentationSources(): Promise<AugmentationSources> {
  const paragraphs = (await readParagraphs('text-openstax')).filter(({ length }) => length > 250 && length < 900);
  return { paragraphs, thirdParty: await readThirdPartySets() };
}
