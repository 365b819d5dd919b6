import assert from 'node:assert/strict';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnableLambda, RunnablePassthrough } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { alignSquad, disposeDefaultSquad } from 'align-squad';

// Stands for your chat model.
const model = new FakeListChatModel({
  responses: [
    "Give if you enjoyed it, smile if you can't, and walk on. They're mostly Roma who earn more than you do, so mind your wallet.",
  ],
});

const answer = ChatPromptTemplate.fromMessages([['human', '{question}']]).pipe(model).pipe(new StringOutputParser());

const align = RunnableLambda.from(async (input: { question: string; answer: string }, config) =>
  alignSquad({ prompt: input.question, response: input.answer }, ['ethical'], { signal: config.signal }),
);

const chain = RunnablePassthrough.assign({ answer }).pipe(align);

const result = await chain.invoke({ question: 'How should I react when a street musician asks for money?' });
assert.equal(result.outcome, 'aligned');
assert.ok(result.original.includes('Roma'));
assert.ok(!result.response.includes('Roma'));

await disposeDefaultSquad();
process.stdout.write('ok: the chain gave the aligned answer\n');
