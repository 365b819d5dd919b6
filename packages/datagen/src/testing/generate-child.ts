// Generates a dataset in a process of its own, to be killed: generate-child.ts '{"directory", "baseUrl", "count"}'
import { ethical } from '@align-squad/core';
import { createOnlineExecutor } from '../executors/online.js';
import { generateDataset } from '../run/generate.js';

const { directory, baseUrl, count } = JSON.parse(process.argv[2] ?? '') as { directory: string; baseUrl: string; count: number };
const executor = createOnlineExecutor({ baseUrl, concurrency: 16 });
process.stdout.write('ready\n');
for await (const event of generateDataset({ criterion: ethical, count, model: 'scripted', topics: 20 }, { directory, executor })) {
  if (event.type === 'dataset-end') process.stdout.write(`${JSON.stringify({ maxRssBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
}
