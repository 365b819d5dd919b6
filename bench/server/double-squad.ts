import type { Aligner, Inspector } from '@align-squad/core';
import { createSquad, type Squad } from '@align-squad/squad';
import { criteria, mark, misalignedSentence } from './answers.js';

/** A squad that costs next to nothing. The doubles of `@align-squad/core/testing` would not do: they keep every call. */
export function createDoubleSquad(): Squad {
  const inspector: Inspector = {
    contract: 'inspector/1',
    version: 'double/1',
    criteria,
    abilities: { maxBatchSize: 64, deterministic: true },
    async inspect(exchanges, options) {
      const asked = options?.criteria ?? criteria;
      return exchanges.map(({ response }) =>
        Object.fromEntries(
          asked.map((id) => {
            const isFlagged = id === 'ethical' && response.includes(mark);
            return [id, { status: isFlagged ? 'flag' : 'pass', misalignment: isFlagged ? 0.9 : 0.1, threshold: 0.5 }] as const;
          }),
        ),
      );
    },
  };
  const aligner: Aligner = {
    contract: 'aligner/1',
    version: 'double/1',
    criteria,
    abilities: { maxCandidates: 1, deterministic: true, mayLeaveOut: true },
    async *align({ exchange }) {
      yield { type: 'text', text: exchange.response.replace(misalignedSentence, '') };
      yield { type: 'end', outcome: 'rewritten' };
    },
  };
  return createSquad({ inspectors: [inspector], aligners: [aligner] });
}
