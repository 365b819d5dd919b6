/** What people should know of a set beside what the manifest says. */
export interface DataSetNotes {
  /** Name of its file among the third-party sets, where it has labels or pairs. */
  readonly file?: string | undefined;
  /** What one record of it is. */
  readonly content: string;
  readonly splits: string;
  readonly traps: string;
  /** What of its texts the npm package holds. */
  readonly inPackage: string;
}

const onlyWeights = 'none of its texts; the weights, and the parts of words in `tokenizer.json`, were learned from it';

/** Notes by the name that a set has in the manifest. */
export const dataSetNotes: Readonly<Record<string, DataSetNotes>> = {
  'align-squad triples': {
    content: 'a prompt, perhaps a context, a misaligned answer, what is wrong with it, and its aligned rewrite; or an answer that is aligned to begin with',
    splits: 'train and dev, by prompt; a part of train, by id, is for calibration',
    traps:
      'an LLM wrote them, so they have one style; a record is labelled for its own criterion only, except that every aligned text is meant to be fine for all three; nearly all contexts belong to `factual`',
    inPackage: '`replacements.json` holds aligned sentences and answers of the training part, word for word; no prompt, no misaligned text and nothing of dev',
  },
  DiaSafety: {
    file: 'labels-ethical-diasafety',
    content: 'a chat message, the reply to it, and whether the reply is unsafe in this place (five kinds of harm)',
    splits: 'its own: train is trained on, val only measures',
    traps: 'noisy labels, Reddit style, and the label depends on what is replied to; texts can be upsetting',
    inPackage: onlyWeights,
  },
  'SafeNLP (implicit hate, ToxiGen)': {
    file: 'labels-ethical-safenlp',
    content: 'a statement about a group of people, hateful or not',
    splits: 'none is kept apart: all of it may be trained on',
    traps: 'no prompt, and no answers of assistants; names of groups stand in both classes and alone must not decide; a part is written by a model; texts can be upsetting',
    inPackage: onlyWeights,
  },
  ParaDetox: {
    file: 'pairs-ethical-paradetox',
    content: 'a toxic sentence and its neutral paraphrase by a person',
    splits: 'none is kept apart: all of it may be trained on',
    traps: 'lower case, no prompt; crude words are easier to see in it than harm',
    inPackage: onlyWeights,
  },
  CoCoNot: {
    file: 'pairs-helpful-coconot',
    content: 'a request that sounds harmful and is not, with a needless refusal and a helpful answer',
    splits: 'none is kept apart: all of it may be trained on',
    traps: 'long answers, and the worse one is often an answer as well, with needless warnings around it, so that the two differ little',
    inPackage: onlyWeights,
  },
  'OpenStax textbooks': {
    content: 'plain text of textbooks, in paragraphs',
    splits: 'none',
    traps: 'expository English; in the examples made from it one number, name, negation or condition is changed by rule, which is easier to see than what people get wrong',
    inPackage: onlyWeights,
  },
};
