import { exchangeTokens } from '@align-squad/inspector';
import { createTextTokenizer } from '@align-squad/onnx';
import { expect, test } from 'vitest';
import { trainByteLevelBpe } from '../tokenizer/train-bpe.js';
import { withExchangeTemplate } from './exchange-template.js';

const json = trainByteLevelBpe(['a b'], { vocabularySize: 270, specialTokens: Object.values(exchangeTokens) });

test('names the ids of the tokenizer and changes nothing else', () => {
  const { post_processor, ...rest } = withExchangeTemplate(json) as { post_processor: object };
  const { post_processor: _none, ...before } = json as { post_processor: unknown };
  expect(rest).toEqual(before);
  expect(post_processor).toMatchObject({
    type: 'TemplateProcessing',
    special_tokens: { '[CLS]': { ids: [1] }, '[SEP]': { ids: [2] }, '[SENT]': { ids: [3] } },
  });
});

test('our own tokenizer does not read the template', async () => {
  const [plain, laidOut] = [await createTextTokenizer(json), await createTextTokenizer(withExchangeTemplate(json))];
  expect(laidOut.encode('a b')).toEqual(plain.encode('a b'));
});

test.each([[{}], [{ added_tokens: [{ id: 1, content: '[CLS]' }] }]])('a tokenizer without the tokens is refused: %j', (other) => {
  expect(() => withExchangeTemplate(other)).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
