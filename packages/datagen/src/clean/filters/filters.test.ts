import { describe, expect, test } from 'vitest';
import { ethical } from '@align-squad/core';
import type { Triple } from '../../records/records.js';
import { tripleWith } from '../test-support.js';
import { filterDefinitions, findFilter } from './registry.js';

/** The reason of one filter for one record. */
function reasonOf(name: string, fields: Partial<Triple>, params: object = {}): string | undefined {
  return findFilter(name).create(params, { criterion: ethical }).reject(tripleWith(fields));
}

const sentence = 'Ring the bell at a calm hour and say what you hear.';

describe('drops', () => {
  test.each<[string, string, Partial<Triple>]>([
    ['noise', 'an empty prompt', { prompt: ' ' }],
    ['noise', 'a loop', { aligned: 'You should call him. '.repeat(20) }],
    ['noise', 'a loop of one word', { misaligned: `It is ${'very '.repeat(40)}bad.` }],
    ['noise', 'signs', { aligned: '=== *** ### 123 456 $$$ %%% a b' }],
    ['noise', 'a text that breaks off in a word', { aligned: 'Ring the bell at a calm hour and say what you he' }],
    ['noise', 'a text that breaks off after a comma', { aligned: 'Ring the bell at a calm hour and say what you hear,' }],
    ['noise', 'a text that announces what does not come', { aligned: 'There are several things that you can do about it:' }],
    ['length', 'a correction without words', { aligned: '...' }],
    ['length', 'a correction of 600 words', { misaligned: 'word '.repeat(300), aligned: 'word '.repeat(600) }],
    ['length', 'a correction of a fortieth of the words', { misaligned: 'word '.repeat(80), aligned: 'No way.' }],
    ['length', 'a correction of 60 times the words', { misaligned: 'No way.', aligned: 'word '.repeat(120) }],
    ['language', 'German', { aligned: 'Klingeln Sie zu einer ruhigen Stunde und sagen Sie, was Sie hören.' }],
    ['language', 'French', { prompt: 'Comment est-ce que je peux aider une amie dans la détresse ?' }],
    ['language', 'Spanish', { aligned: 'Llame a la puerta en un momento tranquilo y diga lo que se oye.' }],
    ['language', 'Chinese', { misaligned: '你好，请问这是什么？' }],
    ['language', 'Cyrillic', { aligned: 'Позвоните в дверь.' }],
    ['language', 'a long text of no listed language', { aligned: 'Soita ovikelloa rauhalliseen aikaan ja kerro mitä kuulet '.repeat(4) }],
    ['markup', 'a tag', { aligned: 'Ring the <b>bell</b>.' }],
    ['markup', 'an entity', { aligned: 'Ring&nbsp;the bell.' }],
    ['leaked-prompt', 'a label', { aligned: `${sentence}\nInput: How do I cook rice?` }],
    ['leaked-prompt', 'a label with its explanation', { misaligned: 'So.\n**Corrector (identify problems with response):** None' }],
    ['leaked-prompt', 'a label in a prompt', { prompt: 'Response: Sure!' }],
    ['leaked-prompt', 'a model that speaks of itself', { aligned: 'As an AI language model, I cannot say.' }],
    ['leaked-prompt', 'a model that speaks of itself later', { aligned: 'That depends. As an AI language model, I cannot say.' }],
    ['leaked-prompt', 'a chat template', { misaligned: 'Sure.<|im_end|>' }],
    ['leaked-prompt', 'signs of training texts', { aligned: 'Sure. [DONE]' }],
    ['leaked-prompt', 'a list of principles', { critique: '- care: it does not.\n- polite: it is rude.' }],
    ['leaked-prompt', 'a demonstration within a text', { aligned: `Well. ${ethical.demonstrations[0]?.correction.slice(0, 120) ?? ''} And so on.` }],
    ['leaked-prompt', 'the prompt of a demonstration', { prompt: 'my flatmate keeps eating my food: how do I make him stop' }],
    ['leaked-prompt', 'a principle', { aligned: `Sure. ${ethical.principles[0]?.text ?? ''}` }],
    ['generic-critique', 'a critique of stock words', { critique: 'The response is not very helpful and could be more polite.' }],
    ['generic-critique', 'a critique with a name of a principle', { critique: 'It violates the principle of care.' }],
    ['generic-critique', 'none', { critique: 'None.' }],
    ['generic-critique', 'an empty critique', { critique: '' }],
    ['no-correction', 'nothing', { aligned: 'Nothing.' }],
    ['no-correction', 'a remark', { aligned: 'Nothing needs to be changed.' }],
    ['no-correction', 'another remark', { aligned: 'No correction is needed.' }],
    ['unchanged', 'a copy', { aligned: ` ${tripleWith().misaligned}\n` }],
    ['similar-pair', 'the same words', { aligned: tripleWith().misaligned.replace('each', 'every'), misaligned: tripleWith().misaligned }],
    ['context-copied', 'a copy of the context', { context: 'word '.repeat(20), aligned: `So: ${'Word '.repeat(20)}.` }],
    ['paper', 'the word Nothing', { aligned: 'Nothing is wrong.' }],
    ['paper', 'a keyword', { aligned: 'It is so. Corrector: none' }],
    ['paper', 'a sign', { aligned: 'It is < 5.' }],
    ['paper', 'none', { aligned: 'none' }],
    ['paper', 'a prompt about code', { prompt: 'Which TV program is on?' }],
    ['paper', 'what is not ASCII', { aligned: 'A café.' }],
    ['paper', 'a generic critique', { critique: 'The response is unethical.' }],
  ])('%s: %s', (name, _, fields) => {
    expect(reasonOf(name, fields)).toEqual(expect.any(String));
  });

  test('paper: similar pairs, for inspectors', () => {
    const fields = { aligned: tripleWith().misaligned.replace('each', 'every') };
    expect([reasonOf('paper', fields), reasonOf('paper', fields, { forInspector: true })]).toEqual([undefined, expect.any(String)]);
  });
});

describe('keeps', () => {
  const all = ['noise', 'length', 'language', 'markup', 'leaked-prompt', 'generic-critique', 'no-correction', 'unchanged', 'similar-pair', 'context-copied'];

  test.each(all)('%s: a plain record', (name) => {
    expect(reasonOf(name, {})).toBeUndefined();
  });

  test.each<[string, string, Partial<Triple>]>([
    ['noise', 'a short answer without a full stop', { aligned: 'Paris' }],
    ['noise', 'a list', { aligned: 'You can do some things about it:\n- ring the bell\n- write a friendly note\n2. call' }],
    ['noise', 'an emoji at the end', { aligned: 'Ring the bell at a calm hour and say what you hear ❤️' }],
    ['noise', 'a quotation', { aligned: 'Ring the bell at a calm hour and say: "I hear it."' }],
    ['noise', 'code', { aligned: 'Ring the bell at a calm hour, or run this code:\n```\nring()\n```' }],
    ['noise', 'a letter with a name at its end', { aligned: 'Dear Tom, thank you for the lovely evening at your house. Best wishes, Ann' }],
    ['noise', 'a signature on a line of its own', { aligned: 'Dear Tom, thank you for the lovely evening at your house.\n\nAnn Smith' }],
    ['noise', 'Thai', { aligned: 'กดกริ่งในเวลาที่เงียบสงบและพูดในสิ่งที่คุณได้ยิน' }],
    ['noise', 'Chinese', { aligned: '请在安静的时候按门铃，说出你听到的声音。' }],
    ['language', 'names and words of other languages', { aligned: 'Say "por favor" to la señora in the Rue de la Paix, and wait for her to answer you.' }],
    ['length', 'an answer of one word', { misaligned: 'Berlin.', aligned: 'Riyadh.' }],
    ['language', 'prices', { aligned: 'Oats $4, rice $3, four cans of beans $4, a dozen eggs $4, milk $2.50, bread $2.50, five potatoes $2.50, cheese $3, salsa $1.' }],
    ['language', 'a sentence with a loan word', { aligned: 'His son won the grand prix in Le Mans on a Sunday as a driver in his teens.' }],
    ['language', 'a short answer', { aligned: 'Au revoir' }],
    ['markup', 'a comparison', { aligned: 'It holds for a < b and b > c.' }],
    ['markup', 'code', { aligned: 'Write `<b>` or:\n```html\n<p>text</p>\n```' }],
    ['leaked-prompt', 'a refusal', { misaligned: 'As an AI I have no plates to wash.' }],
    ['leaked-prompt', 'a label within a line', { aligned: 'Look at the field Input: it is empty.' }],
    ['leaked-prompt', 'the name of one principle', { aligned: 'Care: this is what she needs.' }],
    ['leaked-prompt', 'a turn of phrase that a demonstration has too', { aligned: 'I am really sorry that it hurts. Tell someone.' }],
    ['generic-critique', 'an aligned response', { identity: true, critique: 'none' }],
    ['no-correction', 'an answer that begins with nothing', { aligned: 'Nothing kills slugs as surely as a hungry duck.' }],
    ['no-correction', 'Chinese', { aligned: '请在安静的时候按门铃。' }],
    ['unchanged', 'an aligned response', { identity: true, aligned: tripleWith().misaligned }],
    ['similar-pair', 'an aligned response', { identity: true, aligned: tripleWith().misaligned }],
    ['context-copied', 'a context of a few words', { context: 'Open from 9 to 5.', aligned: 'Open from 9 to 5.' }],
    ['paper', 'an aligned response', { identity: true, critique: 'none' }],
  ])('%s: %s', (name, _, fields) => {
    expect(reasonOf(name, fields)).toBeUndefined();
  });
});

describe('duplicates', () => {
  const image = (url: string): Partial<Triple> => ({ images: [{ type: 'image_url', image_url: { url } }] });

  /** Whether `second` is dropped after `first` was kept. */
  const isDropped = (name: string, first: Partial<Triple>, second: Partial<Triple>): boolean => {
    const filter = findFilter(name).create({}, {});
    expect(filter.reject(tripleWith(first))).toBeUndefined();
    filter.remember?.(tripleWith(first));
    return filter.reject(tripleWith(second)) !== undefined;
  };
  const prompt = 'How do I ask my upstairs neighbour to turn the music down at night?';

  test.each<[string, string, Partial<Triple>, boolean]>([
    ['exact-duplicates', 'case and space', { prompt: ` ${prompt.toUpperCase()}` }, true],
    ['exact-duplicates', 'another sign', { prompt: prompt.replace('?', '!') }, false],
    ['exact-duplicates', 'another criterion', { prompt, criterion: 'helpful' }, false],
    ['exact-duplicates', 'another image', { prompt, ...image('a') }, false],
    ['near-duplicates', 'another sign', { prompt: prompt.replace('?', '!') }, true],
    ['near-duplicates', 'a typing error', { prompt: prompt.replace('neighbour', 'neighbor') }, true],
    ['near-duplicates', 'another question', { prompt: 'How do I ask my boss for a day off?' }, false],
    ['near-duplicates', 'another criterion', { prompt, criterion: 'helpful' }, false],
    ['near-duplicates', 'another image', { prompt, ...image('a') }, false],
  ])('%s: %s', (name, _, second, expected) => {
    expect(isDropped(name, { prompt }, second)).toBe(expected);
  });

  test('a rejected record is not held', () => {
    const filter = findFilter('near-duplicates').create({}, {});
    expect([filter.reject(tripleWith()), filter.reject(tripleWith())]).toEqual([undefined, undefined]);
  });
});

test('the names in criteria of version 1 lead to their filters', () => {
  expect([findFilter('near-duplicate').name, findFilter('similar-correction').name]).toEqual(['near-duplicates', 'similar-pair']);
});

// Quadratic time would take minutes, far over the runner's limit.
test.each([' ', '\n ', '.', '#', '*', '<a ', '`', "a'", '\u0301', 'regards ', '1'])('no filter stumbles over 100,000 characters of %j', (unit) => {
  const text = unit.repeat(100_000 / unit.length);
  for (const { name } of filterDefinitions) {
    const record = { prompt: text, misaligned: `a${text}b`, critique: `a${text}b`, aligned: `${text}c`, context: text };
    expect([undefined, expect.any(String)]).toContainEqual(reasonOf(name, record));
  }
});
