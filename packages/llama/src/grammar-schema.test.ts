import { expect, test } from 'vitest';
import { z } from 'zod';
import { grammarSchema } from './grammar-schema.js';

test('a schema as zod writes it keeps its shape, without bounds', () => {
  const schema = z.strictObject({
    label: z.enum(['a', 'b']),
    score: z.int().min(0).max(5),
    note: z.string().max(9).nullable(),
    pairs: z.array(z.tuple([z.boolean(), z.number()])).min(1),
    kind: z.literal('x'),
  });
  expect(grammarSchema(z.toJSONSchema(schema))).toEqual({
    type: 'object',
    properties: {
      label: { enum: ['a', 'b'] },
      score: { type: 'integer' },
      note: { oneOf: [{ type: 'string', maxLength: 9 }, { type: 'null' }] },
      pairs: { type: 'array', minItems: 1, items: { type: 'array', minItems: 2, maxItems: 2, prefixItems: [{ type: 'boolean' }, { type: 'number' }] } },
      kind: { const: 'x' },
    },
    additionalProperties: false,
  });
});

test.each([
  [{ type: 'object' }, { type: 'object', properties: {}, additionalProperties: true }],
  [{ type: 'object', additionalProperties: false }, { type: 'object', properties: {}, additionalProperties: false }],
  [{ type: 'object', additionalProperties: { type: 'number' } }, { type: 'object', properties: {}, additionalProperties: { type: 'number' } }],
  [{ type: ['string', 'null'] }, { type: ['string', 'null'] }],
])('%j becomes %j', (schema, made) => {
  expect(grammarSchema(schema)).toEqual(made);
});

test.each<[unknown]>([
  [{}],
  [true],
  [{ $ref: '#/$defs/a' }],
  [{ allOf: [{ type: 'string' }] }],
  [{ type: ['object', 'null'] }],
  [{ type: [] }],
  [{ type: 'array' }],
  [{ enum: [{ a: 1 }] }],
  [{ const: [1] }],
  [{ type: 'object', properties: { a: { $ref: '#' } } }],
  [{ type: 'object', additionalProperties: { $ref: '#' } }],
  [{ anyOf: [{ type: 'string' }, {}] }],
  [{ type: 'array', items: {} }],
])('%j has no grammar', (schema) => {
  expect(grammarSchema(schema)).toBeUndefined();
});
