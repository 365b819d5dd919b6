import { expect, test } from 'vitest';
import { alignMetadataOf, skippedMetadata, withReport } from './align-metadata.js';

test('the report is found beside what the provider says', () => {
  const metadata = withReport({ test: { a: 1 } }, skippedMetadata);
  expect(metadata).toMatchObject({ test: { a: 1 } });
  expect(alignMetadataOf(metadata)).toEqual(skippedMetadata);
});

test('there is no report without the middleware', () => {
  expect([alignMetadataOf(undefined), alignMetadataOf({ test: {} })]).toEqual([undefined, undefined]);
});
