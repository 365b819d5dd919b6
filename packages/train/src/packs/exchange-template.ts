import { AlignSquadError } from '@align-squad/core';
import { exchangeTokens } from '@align-squad/inspector';
import { z } from 'zod';

const schema = z.looseObject({ added_tokens: z.array(z.looseObject({ id: z.int().min(0), content: z.string() })) });

/**
 * A tokenizer.json that lays exchanges out by itself, for tools that know no other way to: a pair of prompt and
 * response as `[CLS] prompt [SEP] [SEP] [SENT] response [SEP]`, a single text as a response without a prompt. Sentences
 * after the first are not marked; align-squad's own inspectors do not read the template.
 * @throws AlignSquadError `model-invalid` when the tokenizer lacks a token of the layout.
 */
export function withExchangeTemplate(tokenizerJson: object): object {
  const parsed = schema.safeParse(tokenizerJson);
  const { start, separator, sentence } = exchangeTokens;
  const used = [start, separator, sentence].map((token) => {
    const id = parsed.data?.added_tokens.find(({ content }) => content === token)?.id;
    if (id === undefined) throw new AlignSquadError(`Expected the tokenizer to have the token ${token} among its \`added_tokens\`.`, { code: 'model-invalid' });
    return { token, id };
  });
  const special = (token: string): object => ({ SpecialToken: { id: token, type_id: 0 } });
  const sequence = (id: 'A' | 'B'): object => ({ Sequence: { id, type_id: 0 } });
  const layOut = (prompt: readonly object[], response: object): readonly object[] =>
    [special(start), ...prompt, special(separator), special(separator), special(sentence), response, special(separator)];
  return {
    ...tokenizerJson,
    post_processor: {
      type: 'TemplateProcessing',
      single: layOut([], sequence('A')),
      pair: layOut([sequence('A')], sequence('B')),
      special_tokens: Object.fromEntries(used.map(({ token, id }) => [token, { id: token, ids: [id], tokens: [token] }])),
    },
  };
}
