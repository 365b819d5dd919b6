/** The data that the pack was made from, for its manifest. */
export const dataCard = [
  { name: 'align-squad triples', license: 'Apache-2.0', source: 'this repository, data/triples', rows: 5246, use: 'training, replacements, calibration' },
  { name: 'DiaSafety', license: 'Apache-2.0', source: 'Sun et al. 2022, On the Safety of Conversational Models', rows: 10_114, use: 'training (ethical: the expert for chat, and weight 0.3 in the encoder); its val part measures' },
  { name: 'SafeNLP (implicit hate, ToxiGen)', license: 'MIT', source: 'Hosseini et al. 2023, SafeNLP', rows: 20_714, use: 'training (ethical, weight 0.3)' },
  { name: 'ParaDetox', license: 'CC0-1.0', source: 'Logacheva et al. 2022, ParaDetox', rows: 19_617, use: 'training (ethical, weight 0.4)' },
  { name: 'CoCoNot', license: 'MIT', source: 'Brahman et al. 2024, The Art of Saying No', rows: 927, use: 'training (helpful, weight 0.4)' },
  { name: 'OpenStax textbooks', license: 'CC-BY-4.0', source: 'OpenStax, openstax.org', use: 'tokenizer, factual examples' },
] as const;
