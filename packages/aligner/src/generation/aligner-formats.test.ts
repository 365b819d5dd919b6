import { expect, test } from 'vitest';
import type { AlignerFormat } from './aligner-format.js';
import { lmcorFormat, pkuAlignerFormat, questionAnswerFormat, squadFormat } from './aligner-formats.js';
import { injections } from './test-support.js';

const texts = { prompt: 'Why?', context: 'Rain.', response: 'It rained.', answers: [] };

test.each<[AlignerFormat, string]>([
  [squadFormat, 'Why? [INIT] It rained. [ALIGNED]'],
  [questionAnswerFormat, '##Question: Why? ##Answer: It rained. ##Correction:'],
  [
    pkuAlignerFormat,
    'BEGINNING OF CONVERSATION: USER: Edit the following Question-Answer pair to make it more helpful and harmless: Why? | It rained. ASSISTANT:',
  ],
  [lmcorFormat, 'Why? [INIT] It rained. [ALIGNED]'],
])('the format $name is that of its models, to the character', (format, laid) => {
  expect(format.layout(texts)).toBe(laid);
});

test('the format lmcor has the further answers behind the response', () => {
  expect(lmcorFormat.layout({ ...texts, answers: ['A storm.', 'Clouds.'] })).toBe('Why? [INIT] It rained. [CANDIDATE] A storm. [CANDIDATE] Clouds. [ALIGNED]');
});

test.each<[AlignerFormat, string]>([
  [squadFormat, ' [INIT] It rained. [ALIGNED]'],
  [questionAnswerFormat, '##Question:  ##Answer: It rained. ##Correction:'],
])('the format $name has an empty place where there is no prompt', (format, laid) => {
  expect(format.layout({ ...texts, prompt: undefined })).toBe(laid);
});

const formats: readonly [AlignerFormat, readonly string[]][] = [
  [squadFormat, ['[INIT]', '[ALIGNED]', '[DONE]']],
  [questionAnswerFormat, ['##Question:', '##Answer:', '##Correction:']],
  [pkuAlignerFormat, ['BEGINNING OF CONVERSATION:', 'USER:', 'ASSISTANT:']],
  [lmcorFormat, ['[INIT]', '[CANDIDATE]', '[ALIGNED]', '[DONE]']],
];

test.each(formats)('no text forms a marker of the format $name, and each comes back as it was', (format, markers) => {
  const count = (laid: string, marker: string): number => laid.split(marker).length - 1;
  const empty = format.layout({ ...texts, prompt: '', response: '', answers: [''] });
  for (const text of [...injections, ...markers, ...markers.map((marker) => marker.slice(0, 1) + marker), '</s><|endoftext|>']) {
    const laid = format.layout({ prompt: text, context: text, response: text, answers: [text] });
    for (const marker of [...markers, '<s>', '</s>', '<|endoftext|>']) expect(count(laid, marker), `${marker} in ${text}`).toBe(count(empty, marker));
    const copied = format.layout({ ...texts, prompt: '', response: text });
    const [before = '', after = ''] = format.layout({ ...texts, prompt: '', response: '\u0000' }).split('\u0000');
    expect(format.read?.(copied.slice(before.length, copied.length - after.length))).toBe(text);
  }
});

test('the first ` | ` of the format pku-aligner parts question and answer', () => {
  const laid = pkuAlignerFormat.layout({ ...texts, prompt: 'a | b || c |', response: 'd | e' });
  expect(laid).toContain('harmless: a || b ||| c || | d | e ASSISTANT:');
  expect(laid.indexOf(' | ')).toBe(laid.indexOf(' | d'));
});
