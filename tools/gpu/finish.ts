// Goes on with a training whose checkpoint PyTorch wrote: no step is left, so that it measures and writes the pack.
import { runTask } from '../../packages/train/src/tasks/run-task.js';
import { runOnConfig } from './read-config.js';

await runOnConfig(async (config) => {
  for await (const event of runTask({ ...config, restart: false })) process.stdout.write(`${JSON.stringify(event)}\n`);
});
