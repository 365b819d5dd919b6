import { describe, expect, test } from 'vitest';
import { readFields, readRepeated, WireReader, WireWriter } from './wire.js';

function firstInt(bytes: Uint8Array): number {
  const reader = new WireReader(bytes);
  reader.unsigned();
  return reader.signed();
}

describe('numbers', () => {
  test.each([0, 1, -1, 127, 128, -128, 2 ** 31, 2 ** 53 - 1, -(2 ** 53), -(2 ** 63)])('%d is read as it was written', (value) => {
    expect(firstInt(new WireWriter().int(3, value).finish())).toBe(value);
  });

  test('the largest int64 is still the largest after it was read and written', () => {
    const largest = Uint8Array.of(24, 255, 255, 255, 255, 255, 255, 255, 255, 127);
    expect(new WireWriter().int(3, firstInt(largest)).finish()).toEqual(largest);
  });

  test('a packed list and single values read alike', () => {
    const values = [1.5, -2, 3];
    const single = values.reduce((writer, value) => writer.float(7, value), new WireWriter()).finish();
    const packed = new WireWriter().bytes(7, new Uint8Array(Float32Array.from(values).buffer)).finish();
    const read = (bytes: Uint8Array): number[] => {
      const into: number[] = [];
      readFields(bytes, (_, wireType, reader) => readRepeated(reader, wireType, into, (packedReader) => packedReader.float32()));
      return into;
    };
    expect([read(single), read(packed)]).toEqual([values, values]);
  });
});

describe('texts', () => {
  test.each(['', 'Größe', '\ufeffmark', '日本語 🙂', 'a\0b'])('%j is read as it was written', (text) => {
    const reader = new WireReader(new WireWriter().text(1, text).finish());
    reader.unsigned();
    expect(reader.text()).toBe(text);
  });
});

describe('broken bytes', () => {
  test.each<[string, number[], (reader: WireReader) => unknown]>([
    ['a number without its end', [128], (reader) => reader.unsigned()],
    ['a number of more than 64 bits', Array<number>(11).fill(255), (reader) => reader.signed()],
    ['a key of more than 64 bits', Array<number>(11).fill(255), (reader) => reader.unsigned()],
    ['a length beyond the end', [5, 1, 2], (reader) => reader.bytes()],
    ['half a float', [0, 0], (reader) => reader.float32()],
    ['half a double', [0, 0, 0, 0], (reader) => reader.float64()],
    ['half a skipped float', [0, 0], (reader) => reader.skip(5)],
    ['half a skipped double', [0, 0], (reader) => reader.skip(1)],
    ['an unknown wire type', [0, 0], (reader) => reader.skip(3)],
  ])('%s is refused', (_, bytes, read) => {
    expect(() => read(new WireReader(Uint8Array.from(bytes)))).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });
});
