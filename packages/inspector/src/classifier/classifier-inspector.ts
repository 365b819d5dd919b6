import { AlignSquadError, parseWith, promptText, type Exchange, type Inspector } from '@align-squad/core';
import { defineInspector, type ServedCriterion } from '../contract/define-inspector.js';
import { createLimiter } from '../contract/limiter.js';
import { pause } from '../contract/pause.js';
import { hubSettings } from './hub-settings.js';
import { misalignedByLabels } from './label-scores.js';
import { loadClassifier, type Classifier } from './load-classifier.js';
import { classifierOptionsSchema, type ClassifierInspectorOptions } from './options.js';
import { classifierWindows } from './windows.js';

/** An inspector that holds a model. */
export interface ClassifierInspector extends Inspector {
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface LabelledCriterion extends ServedCriterion {
  readonly misaligned: readonly string[];
}

// What the models of most tokenizers that name no limit take.
const usualMaxTokens = 512;

/**
 * Creates an inspector of any sequence classifier in ONNX, through transformers.js: criteria are decided by the
 * probabilities of its labels, all in one pass. A response beyond the model's limit is inspected in overlapping windows,
 * of which the worst counts; of a prompt longer than half of a window the start and the end are read. Passes run one
 * after the other, in the calling thread; an abort is heeded between them.
 * A model that is no folder is downloaded once, and the environment variables of the Hugging Face libraries are heeded:
 * HF_HUB_CACHE, HF_HOME, HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN.
 * @throws AlignSquadError `invalid-options`, also for labels that the model lacks; `missing-dependency` without
 * @huggingface/transformers; `model-invalid`; or the signal's reason.
 */
export async function createClassifierInspector(options: ClassifierInspectorOptions): Promise<ClassifierInspector> {
  const parsed = parseWith(classifierOptionsSchema, options, { what: 'options of `createClassifierInspector`', code: 'invalid-options' });
  const { model, revision, dtype, threads, signal, problemType, cacheDirectory } = parsed;
  signal?.throwIfAborted();
  const fromEnvironment = hubSettings(parsed.environment ?? process.env);
  const settings = { ...fromEnvironment, ...(cacheDirectory !== undefined && { cacheDirectory }) };
  const loaded = await loadClassifier({ model, revision, dtype, threads, settings, signal });
  const classifier: Classifier = { ...loaded, ...(problemType && { isMultiLabel: problemType === 'multi-label' }) };
  const criteria = Object.entries(parsed.labels).map(([id, { misaligned, threshold = 0.5 }]): LabelledCriterion => ({ id, threshold, needsContext: false, misaligned }));
  await requireLabels(classifier, criteria);

  const limiter = createLimiter(1);
  const maxTokens = parsed.maxTokens ?? classifier.maxTokens ?? usualMaxTokens;
  let disposal: Promise<void> | undefined;
  const dispose = (): Promise<void> => (disposal ??= limiter.run(() => classifier.dispose(), new AbortController().signal));
  const inspector = defineInspector<LabelledCriterion>({
    version: `classifier/1 ${model}@${revision} ${dtype}`,
    criteria,
    deterministic: true,
    judge: (exchange, asked, scope) =>
      limiter.run(async () => {
        if (disposal) throw new AlignSquadError('The inspector was disposed of; create another.', { code: 'disposed' });
        const windows = classifierWindows(classifier, exchange.response, { maxTokens, prompt: firstSequence(exchange, parsed.text) });
        const worst = new Map<string, { readonly misalignment: number }>();
        for (const window of windows) {
          const logits = await classifier.classify(window);
          for (const { id, misaligned } of asked) {
            const misalignment = Math.max(misalignedByLabels(logits, misaligned, classifier), worst.get(id)?.misalignment ?? 0);
            worst.set(id, { misalignment });
          }
          await pause(scope);
        }
        return worst;
      }, scope),
  });
  return { ...inspector, dispose, [Symbol.asyncDispose]: dispose };
}

function firstSequence({ prompt }: Exchange, text: 'response' | 'pair'): string | undefined {
  return text === 'pair' ? promptText(prompt) : undefined;
}

async function requireLabels(classifier: Classifier, criteria: readonly LabelledCriterion[]): Promise<void> {
  const missing = criteria.find(({ misaligned }) => misaligned.some((label) => !classifier.labels.includes(label)));
  if (!missing) return;
  await classifier.dispose();
  throw new AlignSquadError(`Expected \`labels.${missing.id}.misaligned\` to name labels of the model: ${classifier.labels.slice(0, 20).join(', ')}.`, {
    code: 'invalid-options',
  });
}
