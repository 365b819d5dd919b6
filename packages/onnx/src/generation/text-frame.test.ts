import { expect, test } from 'vitest';
import { readTextFrame } from './text-frame.js';

const special = (id: string): object => ({ SpecialToken: { id, type_id: 0 } });
const text = { Sequence: { id: 'A', type_id: 0 } };
const tokens = { '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] }, '</s>': { id: '</s>', ids: [1, 2], tokens: ['</', 's>'] } };
const t5 = { type: 'TemplateProcessing', single: [text, special('</s>')], special_tokens: tokens };
const llama = { type: 'TemplateProcessing', single: [special('<s>'), text], special_tokens: tokens };
const bart = { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0], trim_offsets: true };
const bytes = { type: 'ByteLevel', add_prefix_space: true };

test.each<[string, unknown, number[], number[]]>([
  ['T5', t5, [], [1, 2]],
  ['Llama', llama, [0], []],
  ['BART', bart, [0], [2]],
  ['Llama 3, where it is one of several', { type: 'Sequence', processors: [bytes, llama] }, [0], []],
  ['GPT-2', bytes, [], []],
  ['no post-processor', null, [], []],
  ['a token that is not listed', { ...llama, special_tokens: {} }, [], []],
])('the frame of %s', (_, postProcessor, before, after) => {
  expect(readTextFrame(postProcessor)).toEqual({ before, after });
});
