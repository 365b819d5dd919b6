import { listConstants } from '../graph/graph-constants.js';
import { floatsOf } from '../graph/float-data.js';
import type { ModelProto, TensorProto } from '../graph/model.js';
import { float32, type Tensor } from '../session/tensor.js';
import { leftOf, rightOf, type DeltaSlot } from './add-delta-inputs.js';
import type { ModelDelta, TensorDelta } from './delta.js';
import { unpackLowRank } from './low-rank.js';
import { tunedValues } from './tensor-delta.js';

/** The inputs that a delta is to a model with slots, by name. */
export type DeltaFeeds = Readonly<Record<string, Tensor>>;

/** Makes the inputs of deltas, which stay packed; the `cached` used last are kept as they are fed. */
export function createDeltaFeeds(base: ModelProto, deltas: readonly ModelDelta[], slots: readonly DeltaSlot[], cached: number): (index: number) => DeltaFeeds {
  const unpack = createUnpacker(base, slots);
  const kept = new Map<number, DeltaFeeds>();
  return (index) => {
    const feeds = kept.get(index) ?? unpack(deltas[index]);
    kept.delete(index);
    kept.set(index, feeds);
    const [oldest = index] = kept.keys();
    if (kept.size > cached) kept.delete(oldest);
    return feeds;
  };
}

function createUnpacker(base: ModelProto, slots: readonly DeltaSlot[]): (delta: ModelDelta | undefined) => DeltaFeeds {
  const whole = new Set(slots.filter(({ kind }) => kind === 'whole').map(({ name }) => name));
  // Copies, so that these few do not hold the file of the base in memory.
  const bases = new Map(listConstants(base.graph).filter(({ name }) => whole.has(name)).map(({ name, tensor }) => [name, { ...tensor, bytes: Uint8Array.from(tensor.bytes ?? []) }]));
  const unchanged = Object.assign({}, ...slots.map((slot) => unchangedFeeds(slot, bases.get(slot.name)))) as DeltaFeeds; // of such records only
  return (delta) => {
    const changes = new Map(delta?.tensors.map((tensor) => [tensor.name, tensor]));
    const feeds: Record<string, Tensor> = { ...unchanged };
    for (const slot of slots) {
      const change = changes.get(slot.name);
      if (change) Object.assign(feeds, changedFeeds(slot, change, bases.get(slot.name)));
    }
    return feeds;
  };
}

function unchangedFeeds({ name, dims, kind }: DeltaSlot, base: TensorProto | undefined): DeltaFeeds {
  if (kind === 'whole') return { [name]: float32(base ? floatsOf(base) : new Float32Array(0), dims) };
  // Of rank 1, as not every kernel takes an empty matrix.
  const [rows = 0, columns = 0] = dims;
  return { [leftOf(name)]: float32(new Float32Array(rows), [rows, 1]), [rightOf(name)]: float32(new Float32Array(columns), [1, columns]) };
}

function changedFeeds({ name, dims, kind }: DeltaSlot, change: TensorDelta, base: TensorProto | undefined): DeltaFeeds {
  if (kind === 'whole') return base ? { [name]: float32(tunedValues(base, change), dims) } : {};
  if (change.form.kind !== 'low-rank' || change.form.groups.length === 0) return {};
  const [rows = 0, columns = 0] = dims;
  const { left, right, rank } = unpackLowRank(change.data, dims, change.form.groups);
  return { [leftOf(name)]: float32(left, [rows, rank]), [rightOf(name)]: float32(right, [rank, columns]) };
}
