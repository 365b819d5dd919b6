import { renderReport, type CriterionEvaluation, type SquadSlice } from '@align-squad/eval';
import type { PackMeasurement } from './measurement.js';

/** The measurement as the one page of `renderReport`, with what was measured beside the dev split as further criteria and parts. */
export function reportPage({ triples, ownCriterion, factualWithContext, diaSafety }: PackMeasurement): string {
  const criteria: Record<string, CriterionEvaluation> = { ...triples.inspector.criteria, 'factual, with a context': factualWithContext };
  if (diaSafety !== null) criteria[`ethical, on DiaSafety (validation, ${diaSafety.rows} other texts)`] = diaSafety.result;
  const { squad } = triples;
  if (squad === undefined) return renderReport({ ...triples, inspector: { ...triples.inspector, criteria } });
  const alone = Object.entries(ownCriterion).map(([criterion, parts]): SquadSlice => ({ by: 'criterion', name: `${criterion}, under it alone`, ...parts }));
  return renderReport({ ...triples, inspector: { ...triples.inspector, criteria }, squad: { ...squad, slices: [...alone, ...squad.slices] } });
}
