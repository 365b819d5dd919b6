import { float32, type Tensor } from '../session/tensor.js';
import type { CacheShape } from './cache-shape.js';

/** Keys and values of tokens so far, in memory that grows by and by. */
export interface CacheBuffers {
  /** Tokens held. */
  readonly length: number;
  /** Masked positions in front of them. */
  readonly padding: number;
  /** Each cache by its name, [batch, heads, padding + length, head size]; valid until the next `append`. */
  tensors(): Record<string, Tensor>;
  /** Puts the first `count` of new positions [batch, heads, new, head size] behind what is held. */
  append(added: ReadonlyMap<string, Float32Array>, count: number): void;
}

/** Options of `createCacheBuffers`. */
export interface CacheBuffersOptions {
  readonly names: readonly string[];
  readonly shape: CacheShape;
  readonly batch: number;
  /** Positions at the front that a pass may be given to ignore; 0 where the graph takes all of its past for tokens. */
  readonly spare: number;
  /** What spare positions hold at first. @default 0 */
  readonly filler?: number | undefined;
}

interface Layout {
  /** Rows before the first lane, in rows of one head. */
  readonly start: number;
  readonly padding: number;
  readonly length: number;
}

/**
 * Caches of which a lane (one head of one text) follows the other. With spare positions, appending moves nothing: the window
 * over all lanes slides on by the new positions, which land where the next lane had its first spare ones. Where these are used up,
 * and in a graph that can't ignore any, lanes move apart.
 */
export function createCacheBuffers({ names, shape, batch, spare, filler = 0 }: CacheBuffersOptions): CacheBuffers {
  const lanes = batch * shape.heads;
  const { headSize } = shape;
  let memory = names.map(() => new Float32Array(0));
  let layout: Layout = { start: 0, padding: 0, length: 0 };

  const spread = (count: number): void => {
    const padding = spare + count;
    // No lane moves to the left.
    const front = Math.max(layout.start + layout.padding, padding);
    const next: Layout = { start: front - padding, padding, length: layout.length };
    const [from, to] = [layout.padding + layout.length, next.padding + next.length];
    const needed = (next.start + lanes * to + count + spare) * headSize;
    const isEnough = (memory[0]?.length ?? 0) >= needed;
    memory = memory.map((old) => {
      const target = isEnough ? old : new Float32Array(Math.ceil(needed * 1.5)).fill(filler);
      // From the last lane on, so that none moves over one that is still to move.
      for (let lane = lanes - 1; lane >= 0; lane--) {
        const source = (layout.start + lane * from + layout.padding) * headSize;
        const place = (next.start + lane * to + next.padding) * headSize;
        if (isEnough) target.copyWithin(place, source, source + layout.length * headSize);
        else target.set(old.subarray(source, source + layout.length * headSize), place);
      }
      return target;
    });
    layout = next;
  };

  return {
    get length() {
      return layout.length;
    },
    get padding() {
      return layout.padding;
    },
    tensors() {
      const span = layout.padding + layout.length;
      const dims = [batch, shape.heads, span, headSize];
      const view = (data: Float32Array): Float32Array => data.subarray(layout.start * headSize, (layout.start + lanes * span) * headSize);
      return Object.fromEntries(names.map((name, index) => [name, float32(view(memory[index] ?? new Float32Array(0)), dims)]));
    },
    append(added, count) {
      if (layout.padding < count) spread(count);
      const span = layout.padding + layout.length;
      names.forEach((name, index) => {
        const source = added.get(name) ?? new Float32Array(0);
        const laneSize = source.length / lanes;
        for (let lane = 0; lane < lanes; lane++) {
          const taken = source.subarray(lane * laneSize, lane * laneSize + count * headSize);
          memory[index]?.set(taken, (layout.start + (lane + 1) * span) * headSize);
        }
      });
      layout = { start: layout.start + count, padding: layout.padding - count, length: layout.length + count };
    },
  };
}
