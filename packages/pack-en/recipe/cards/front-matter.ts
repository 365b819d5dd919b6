import type { CriterionEvaluation } from '@align-squad/eval';
import type { PackMeasurement } from './measurement.js';

/** A value of YAML. */
export type YamlValue = string | number | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** The YAML at the head of the model card, as the Hugging Face Hub reads it, numbers in `model-index`. */
export function modelFrontMatter(measurement: PackMeasurement): string {
  const { pack } = measurement;
  const head: YamlValue = {
    language: [pack.language],
    license: pack.license.toLowerCase(),
    library_name: 'align-squad',
    pipeline_tag: 'text-classification',
    tags: ['alignment', 'guardrails', 'safety', 'groundedness', 'text-editing', 'onnx', 'int8', 'align-squad'],
    metrics: ['roc_auc', 'average_precision', 'f1', 'recall'],
    'model-index': [{ name: pack.name, results: results(measurement) }],
  };
  return `---\n${toYaml(head)}\n---`;
}

/** The YAML at the head of the data card. */
export function dataFrontMatter({ pack }: PackMeasurement): string {
  return `---\n${toYaml({ language: [pack.language], license: pack.license.toLowerCase(), tags: ['alignment', 'synthetic', 'align-squad'] })}\n---`;
}

function results({ triples, factualWithContext, diaSafety }: PackMeasurement): YamlValue[] {
  const dev = { type: 'align-squad-triples', name: 'align-squad triples', split: 'dev' };
  return [
    ...Object.entries(triples.inspector.criteria).map(([criterion, one]) => result(criterion, dev, one)),
    result('factual, with a context', dev, factualWithContext),
    ...(diaSafety === null ? [] : [result('ethical', { type: 'diasafety', name: diaSafety.name, split: 'validation' }, diaSafety.result)]),
  ];
}

function result(name: string, dataset: Readonly<Record<string, string>>, { auroc, auprc, f1, recall }: CriterionEvaluation): YamlValue {
  const metrics = Object.entries({ roc_auc: auroc, average_precision: auprc, f1, recall }).flatMap(([type, value]): YamlValue[] =>
    value === null ? [] : [{ type, value: Number(value.toFixed(4)), name: `${type} (${name})` }],
  );
  return { task: { type: 'text-classification', name: `misaligned or not: ${name}` }, dataset, metrics };
}

/** YAML in blocks; texts are quoted as in JSON, which is YAML too. */
export function toYaml(value: YamlValue, indent = ''): string {
  if (typeof value === 'string') return /^[a-z][a-z0-9_-]*$/.test(value) && !/^(y|n|yes|no|on|off|true|false|null)$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'number') return String(value);
  if (isList(value)) return value.map((item) => `${indent}- ${toYaml(item, `${indent}  `).trimStart()}`).join('\n');
  return Object.entries(value)
    .map(([key, item]) => `${indent}${key}:${typeof item === 'object' ? `\n${toYaml(item, `${indent}  `)}` : ` ${toYaml(item)}`}`)
    .join('\n');
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}
