import { pretrain } from '../packages/pack-en/recipe/pretrain-stage.ts';
import { createReport } from '../packages/pack-en/recipe/report.ts';
await pretrain({ steps: Number(process.argv[2]), seed: 7, threads: 1 }, createReport());
