import type { Triple } from '../../records/records.js';

/** Only records of one scope can repeat each other: the same criterion and the same images. */
export function duplicateScope({ criterion, images = [] }: Triple): string {
  return [criterion, ...images.map(({ image_url }) => image_url.url)].join('\n');
}
