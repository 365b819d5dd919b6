// A server that allows ALLOWED requests at once, until its input ends; prints its address, then what it counted. usage: server.ts ALLOWED LATENCY_MS
import { once } from 'node:events';
import { startOpenaiTestServer } from '@align-squad/llm/testing';
import { scriptedAnswer } from '../../packages/datagen/src/testing/scripted-model.js';

await using server = await startOpenaiTestServer({ answer: scriptedAnswer, maxConcurrent: Number(process.argv[2]), latencyMs: Number(process.argv[3]) });
process.stdout.write(`${server.baseUrl}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
process.stdout.write(`${JSON.stringify(server.statistics())}\n`);
