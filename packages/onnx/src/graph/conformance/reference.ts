import { AlignSquadError } from '@align-squad/core';

/** A tensor of a reference file. */
export interface ReferenceTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Reads a safetensors file of float32 and int64 tensors, as the fixtures hold them. */
export function readReference(bytes: Uint8Array): ReadonlyMap<string, ReferenceTensor> {
  const start = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  // The header of a safetensors file has this form.
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Record<string, Entry>;
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return new Map(entries.map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
    const { buffer } = Uint8Array.from(bytes.subarray(start + from, start + to));
    return [name, { dims: shape, data: dtype === 'I64' ? new BigInt64Array(buffer) : new Float32Array(buffer) }];
  }));
}

/** A float tensor of a reference. */
export function floatsNamed(reference: ReadonlyMap<string, ReferenceTensor>, name: string): { readonly dims: readonly number[]; readonly data: Float32Array } {
  const tensor = reference.get(name);
  if (tensor?.data instanceof Float32Array) return { dims: tensor.dims, data: tensor.data };
  throw new AlignSquadError(`The reference has no float tensor ${name}.`, { code: 'conformance' });
}
