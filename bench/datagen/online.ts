// Asks a server in another process that allows 32 requests at once; prints JSON: the share of that which was in progress.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createOnlineExecutor, createRequest, type DatagenRequest } from '@align-squad/datagen';
import type { ServerStatistics } from '@align-squad/llm/testing';

const [allowed, latencyMs, count] = [32, 200, 4000] as const;

async function* requests(): AsyncGenerator<DatagenRequest> {
  for (let index = 0; index < count; index++) {
    const messages = [{ role: 'user' as const, content: `Question ${index}: a critique, please.` }];
    yield createRequest('bench', { model: 'scripted', messages, maxTokens: 200, temperature: 0, seed: index });
  }
}

const server = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('./server.ts', import.meta.url)), String(allowed), String(latencyMs)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const next = async (): Promise<string> => String((await lines.next()).value);
const executor = createOnlineExecutor({ baseUrl: await next(), concurrency: allowed });
let answered = 0;
for await (const { ok } of executor.run(requests(), {})) answered += ok ? 1 : 0;
server.stdin.end();
const { meanConcurrency, rejected, mostAnswersOfABody } = JSON.parse(await next()) as ServerStatistics;
process.stdout.write(`${JSON.stringify({ requests: count, answered, allowed, latencyMs, meanConcurrency, share: meanConcurrency / allowed, rejected, mostAnswersOfABody })}\n`);
