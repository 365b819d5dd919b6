import type { PackManifest } from '@align-squad/onnx';
import type { ModelProto } from '@align-squad/onnx/graph';
import { writePack } from '../packs/write-pack.js';
import type { InspectorBase } from './inspector-base.js';
import type { ResolvedTrainConfig } from './train-config.js';

/** What an inspector on a base adds to it. */
export interface InspectorPackParts {
  readonly model: ModelProto;
  readonly manifest: Omit<PackManifest, 'files'>;
  /** In the order of the model's heads. */
  readonly criteria: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Writes an inspector that was trained on a base, with the base's tokenizer and its config.json with new labels. */
export async function writeInspectorPack(config: ResolvedTrainConfig, base: InspectorBase, parts: InspectorPackParts): Promise<void> {
  const { model, manifest, criteria, signal } = parts;
  const labels = {
    architectures: ['BertForSequenceClassification'],
    ...base.config,
    id2label: Object.fromEntries(criteria.map((criterion, id) => [id, criterion])),
    label2id: Object.fromEntries(criteria.map((criterion, id) => [criterion, id])),
    problem_type: 'multi_label_classification',
  };
  await writePack(config.out, {
    manifest,
    models: { 'onnx/model.onnx': model },
    tokenizer: base.tokenizerJson,
    json: { 'config.json': labels, 'tokenizer_config.json': base.tokenizerConfig },
    fp32: config.pack.fp32,
    signal,
  });
}
