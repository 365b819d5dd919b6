import { trainEmbedder } from '../packages/pack-en/recipe/embedder-stage.ts';
import { createReport } from '../packages/pack-en/recipe/report.ts';
await trainEmbedder({ epochs: Number(process.argv[2]), seed: 7 }, createReport());
