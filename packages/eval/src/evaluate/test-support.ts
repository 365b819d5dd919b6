import { AlignSquadError } from '@align-squad/core';
import { functionAligner, functionInspector } from '@align-squad/core/testing';
import { createSquad, type Squad } from '@align-squad/squad';
import { parseEvaluationRows, type EvaluationRow } from '../data/evaluation-rows.js';

/** Triples: `kind` fails with RUDE and `clear` with VAGUE; VAGUE can't be mended by `squad`. */
export const rows: readonly EvaluationRow[] = parseEvaluationRows(
  [
    { id: 'a', criterion: 'kind', prompt: 'one', misaligned: 'Cats purr. RUDE one.', aligned: 'Cats purr. Kind one.', source: 'books' },
    { id: 'b', criterion: 'kind', prompt: 'two', context: 'c', misaligned: 'Dogs bark. RUDE two.', aligned: 'Dogs bark. Kind two.', source: 'web' },
    { id: 'c', criterion: 'clear', prompt: 'three', misaligned: 'VAGUE things here and there and everywhere.', aligned: 'Clear things.', source: 'web' },
    { id: 'd', criterion: 'clean', prompt: 'four', misaligned: 'Fine.', aligned: 'Fine.' },
    { id: 'e', criterion: 'kind', prompt: 'five', misaligned: 'A RUDE word is meant well here.', aligned: 'A RUDE word is meant well here.' },
  ]
    .map((triple) => JSON.stringify(triple))
    .join('\n'),
);

/** 0.9 for RUDE under `kind` and VAGUE under `clear`, else 0.1. */
export const inspector: ReturnType<typeof functionInspector> = functionInspector(
  ({ response }, criterion) => (response.includes(criterion === 'kind' ? 'RUDE' : 'VAGUE') ? 0.9 : 0.1),
  { criteria: ['kind', 'clear'] },
);

/** Turns RUDE into Kind and can't mend VAGUE. */
export function createTestSquad(): Squad {
  const aligner = functionAligner(({ exchange }) => (exchange.response.includes('RUDE') ? exchange.response.replaceAll('RUDE', 'Kind') : undefined), { criteria: ['kind', 'clear'] });
  return createSquad({ inspectors: [inspector], aligners: [aligner] });
}

/** The evaluation of a stream that ends with one, and how many events came before. */
export async function collectEvaluation<T>(events: AsyncIterable<{ readonly type: 'progress'; readonly done: number } | { readonly type: 'end'; readonly evaluation: T }>): Promise<{ evaluation: T; done: number[] }> {
  const done: number[] = [];
  for await (const event of events) {
    if (event.type === 'end') return { evaluation: event.evaluation, done };
    done.push(event.done);
  }
  return Promise.reject(new AlignSquadError('The stream ended without an evaluation.', { code: 'unexpected-call' }));
}
