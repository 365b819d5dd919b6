import { trainInspector } from '../packages/pack-en/recipe/inspector-stage.ts';
import { createReport } from '../packages/pack-en/recipe/report.ts';
const [epochs,lr,drop,threads]=process.argv.slice(2).map(Number);
await trainInspector({ epochs, seed: 7, threads, peakLearningRate: lr, tokenDropout: drop }, createReport());
