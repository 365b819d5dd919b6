type JsonSchema = Readonly<Record<string, unknown>>;

const scalars: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'null'];

/**
 * A JSON schema in the keywords that node-llama-cpp makes grammars of, or undefined where it has others that shape a document,
 * such as `$ref`. Bounds of numbers and patterns of strings are dropped, and all properties are required.
 */
export function grammarSchema(schema: unknown): JsonSchema | undefined {
  if (!isObject(schema)) return undefined;
  const { type } = schema;
  if ('const' in schema) return isScalar(schema['const']) ? { const: schema['const'] } : undefined;
  if (Array.isArray(schema['enum'])) return schema['enum'].every(isScalar) ? { enum: schema['enum'] } : undefined;
  if (type === 'object') return objectSchema(schema);
  if (type === 'array') return arraySchema(schema);
  if (scalars.includes(type)) return { type, ...pick(schema, ['minLength', 'maxLength']) };
  if (Array.isArray(type)) return type.length > 0 && type.every((each) => scalars.includes(each)) ? { type } : undefined;
  const choices = grammarSchemas(schema['anyOf'] ?? schema['oneOf']);
  return choices && { oneOf: choices };
}

function objectSchema(schema: JsonSchema): JsonSchema | undefined {
  const properties = schema['properties'] ?? {};
  if (!isObject(properties)) return undefined;
  const values = grammarSchemas(Object.values(properties));
  if (!values) return undefined;
  const names = Object.keys(properties);
  const more = schema['additionalProperties'];
  // An object needs no keys but those that are named, if any are.
  const extra = names.length > 0 || more === false ? false : isObject(more) && Object.keys(more).length > 0 ? grammarSchema(more) : true;
  if (extra === undefined) return undefined;
  return { type: 'object', properties: Object.fromEntries(names.map((name, index) => [name, values[index]])), additionalProperties: extra };
}

function arraySchema(schema: JsonSchema): JsonSchema | undefined {
  const { items, prefixItems } = schema;
  const first = prefixItems === undefined ? [] : grammarSchemas(prefixItems);
  const each = isObject(items) ? grammarSchema(items) : undefined;
  if (!first || (isObject(items) ? !each : first.length === 0)) return undefined;
  return { type: 'array', ...(each && { items: each }), ...(first.length > 0 && { prefixItems: first }), ...pick(schema, ['minItems', 'maxItems']) };
}

function grammarSchemas(schemas: unknown): JsonSchema[] | undefined {
  if (!Array.isArray(schemas)) return undefined;
  const made = schemas.map(grammarSchema).filter((schema) => schema !== undefined);
  return made.length === schemas.length ? made : undefined;
}

function pick(schema: JsonSchema, keys: readonly string[]): JsonSchema {
  return Object.fromEntries(keys.filter((key) => typeof schema[key] === 'number').map((key) => [key, schema[key]]));
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
