import type { Aligner, Inspector } from '@align-squad/core';
import { functionAligner, functionInspector } from '@align-squad/core/testing';
import { createSquad, type Squad, type SquadOptions } from '@align-squad/squad';
import type { PackModels } from '../pack-models.js';

const criteria = ['ethical', 'helpful'];

/** Models for tests: `ethical` flags RUDE and `helpful` flags DULL; the aligner turns RUDE into KIND and can't mend DULL. */
export function doubleModels(onDispose: () => void = () => undefined): PackModels {
  return { inspectors: [doubleInspector()], aligners: [doubleAligner()], dispose: async () => onDispose() };
}

/** The inspector of `doubleModels`; CRASH in a response makes it fail. */
export function doubleInspector(): Inspector {
  return functionInspector(
    ({ response }, criterion) => {
      // throws what a library might: an error whose message quotes the text
      if (response.includes('CRASH')) return Number(JSON.parse(response));
      return response.includes(criterion === 'ethical' ? 'RUDE' : 'DULL') ? 0.9 : 0.1;
    },
    { criteria },
  );
}

/** The aligner of `doubleModels`. */
export function doubleAligner(): Aligner {
  return functionAligner(
    ({ exchange }) => (exchange.response.includes('RUDE') ? exchange.response.replaceAll('RUDE', 'KIND') : undefined),
    { criteria },
  );
}

/** A squad of the doubles. */
export function doubleSquad(options: Omit<SquadOptions, 'inspectors' | 'aligners'> = {}): Squad {
  return createSquad({ ...options, inspectors: [doubleInspector()], aligners: [doubleAligner()] });
}
