// Training steps of one model on one thread; prints JSON. usage: step.ts encoder|decoder STEPS
import { createRandom } from '@align-squad/core';
import { float32, int64, type Tensor } from '@align-squad/onnx';
import { dataType, importModel, type GraphBuilder } from '@align-squad/onnx/graph';
import { binaryHeadsLoss, buildEncoderClassifier, buildLlamaDecoder, causalLoss, createTrainingStep, type DeclareWeight, type Weights } from '@align-squad/train';
import { percentile } from '@align-squad/eval';

// The same as in torch_step.py.
const [batch, length, vocabularySize, feedForwardWidth, labels] = [16, 128, 8192, 1024, 2] as const;
const kind = process.argv[2] === 'encoder' ? 'encoder' : 'decoder';
const steps = Number(process.argv[3]);
const [layers, width] = kind === 'encoder' ? [4, 256] : [6, 384];
const attentionHeads = width / 64;
const random = createRandom(1);
const shape = { vocabularySize, width, layers, attentionHeads, feedForwardWidth, maxTokens: length };
const built = kind === 'encoder'
  ? buildEncoderClassifier({ ...shape, labels }, random)
  : buildLlamaDecoder({ ...shape, keyValueHeads: attentionHeads / 2 }, random);
const model = importModel(built);
const weights: Weights = new Map([...model.weights].map(([name, { dims, data }]) => [name, { dims, data: Float32Array.from(data) }]));

async function buildLoss(graph: GraphBuilder, weight: DeclareWeight): Promise<string> {
  const names = model.inputs.map(({ name }) => name).filter((name) => !name.startsWith('past'));
  const inputs = Object.fromEntries(names.map((name) => [name, graph.input(name, dataType.int64, [batch, length])]));
  const { logits = '' } = await model.append(graph, (name, dims) => weight(name, dims, { constant: 0 }), inputs);
  if (kind === 'decoder') return causalLoss(graph, logits);
  return binaryHeadsLoss(graph, { logits, dims: [batch, length], heads: labels, weights: { pair: 0, sentence: 0 } });
}

function inputsOf(): Record<string, Tensor> {
  const ids = Array.from({ length: batch * length }, () => 8 + random.integer(vocabularySize - 8));
  const weightDims = kind === 'decoder' ? [batch, length] : [batch, labels];
  const ones = float32(new Float32Array(weightDims.reduce((product, size) => product * size, 1)).fill(1), weightDims);
  const targets = kind === 'decoder'
    ? int64(ids.map((_, at) => ids[(at + 1) % ids.length] ?? 0), [batch, length])
    : float32(Float32Array.from({ length: batch * labels }, () => random.integer(2)), [batch, labels]);
  return {
    input_ids: int64(ids, [batch, length]),
    attention_mask: int64(ids.map(() => 1), [batch, length]),
    position_ids: int64(ids.map((_, at) => at % length), [batch, length]),
    labels: targets,
    label_weights: ones,
    pair_weights: float32(new Float32Array((batch / 2) * labels), [batch / 2, labels]),
  };
}

const step = await createTrainingStep({ weights, buildLoss, firstShape: [batch, length], random, threads: 1 });
const seconds: number[] = [];
for (let count = 0; count < steps; count++) {
  const inputs = inputsOf();
  const started = performance.now();
  await step.run({ shape: [batch, length], inputs }, 1e-3);
  seconds.push((performance.now() - started) / 1000);
}
await step.dispose();
process.stdout.write(`${JSON.stringify({
  engine: `align-squad on Node ${process.version}`,
  parameters: step.parameters,
  tokensPerSecond: (batch * length) / percentile(seconds.slice(2), 50),
  peakBytes: process.resourceUsage().maxRSS * 1024,
})}\n`);
