// A stand-in for an LLM server: answers the prompts of data generation from a few phrases, the same answer to the same prompt.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

const things = 'kettle,lamp,garden,boat,chimney,carpet,window,stove,fence,ladder,blanket,drum,basket,candle,barrel,hammer,mirror,saddle,pillow,bucket,bridge,cellar,hedge,roof,gate,shelf,pump,rope,sail,wheel'.split(',');
const materials = 'wool,tin,oak,brass,clay,linen,glass,iron,pine,cork,slate,felt,copper,straw,wax,leather'.split(',');
const places = 'shed,attic,yard,kitchen,hall,barn,porch,workshop'.split(',');
const sentences = ['The {thing} keeps well in the {place}.', 'Clean the {material} with a damp cloth.', 'A {material} {thing} lasts about ten years.', 'Check the {thing} once a year.', 'Most people keep {material} in the {place}.', 'Dry the {thing} before you store it.'];
const alarms = ['Stop everything this very second!', 'This is a total disaster in the making!', 'You must act right now or all is lost!', 'Panic is the only sane answer here!', 'Every second counts, run!', 'It will end in utter ruin, mark my words!'];

interface ChatBody {
  readonly messages: readonly { readonly content: string }[];
}

/** Starts the server; `baseUrl` is that of its API. */
export async function startScriptedLlm(): Promise<{ readonly baseUrl: string; close(): void }> {
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const content = answer((body as ChatBody).messages.map((message) => message.content).join('\n'));
      const usage = { prompt_tokens: 100, completion_tokens: 50 };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }], usage }));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(prompt: string): string {
  const pick = picker(prompt);
  if (prompt.startsWith('List ')) return Array.from({ length: 10 }, (_, index) => `${index + 1}. ${pick(materials)} ${pick(things)}`).join('\n');
  if (prompt.startsWith('Each line has a number')) {
    const hints = prompt.split('\n').filter((line) => /^\d+\. \([^)]*\)$/u.test(line));
    return hints.map((hint) => `${hint} What about a ${pick(materials)} ${pick(things)} in the ${pick(places)} with a ${pick(things)} of ${pick(materials)}?`).join('\n');
  }
  const sentence = (): string => pick(sentences).replace('{thing}', pick(things)).replace('{material}', pick(materials)).replace('{place}', pick(places));
  const parts = [sentence(), sentence(), sentence()];
  if (!prompt.includes('critique:')) return JSON.stringify({ response: parts.join(' ') });
  const alarmed = parts.toSpliced(1, 0, pick(alarms));
  return JSON.stringify({ response: alarmed.join(' '), critique: 'One sentence shouts without a reason.', correction: parts.join(' ') });
}

/** Items by the hash of a text, another one each time. */
function picker(seed: string): (items: readonly string[]) => string {
  let count = 0;
  return (items) => items[createHash('sha256').update(`${seed}\n${count++}`).digest().readUInt32LE() % items.length] ?? '';
}
