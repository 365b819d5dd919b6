import assert from 'node:assert/strict';
import { createAlignRunnable } from '@align-squad/langchain';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnablePassthrough } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { disposeDefaultSquad } from 'align-squad';

// Stands for your chat model.
const model = new FakeListChatModel({
  responses: [
    'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.',
  ],
});

const answer = ChatPromptTemplate.fromMessages([['human', '{question}']]).pipe(model).pipe(new StringOutputParser());
const chain = RunnablePassthrough.assign({ answer }).pipe(createAlignRunnable(['ethical']));

const result = await chain.invoke({ question: 'How much does a digital camera cost?' });
assert.ok(String(result['answer']).startsWith('Basic compact cameras'));
assert.ok(!String(result['answer']).includes('tourist'));

await disposeDefaultSquad();
process.stdout.write('ok: the chain gave the aligned answer\n');
