/** Sections of the model card that hold no number. */
export const modelCardTexts = {
  use: `Meant for:

- checking answers of assistants in English before people see them, offline and in a Node process: a verdict and P(misaligned) by criterion;
- taking a faulty sentence out of an otherwise sound answer, or putting another in its place, with every change shown as a diff;
- a first, cheap stage before an LLM or a person decides, and a base to train other criteria beside.`,

  outOfScope: `- It is no barrier against people who try to get round it, and no sole safeguard where a miss does harm. It was not tested against attacks.
- It is not for decisions about people (moderation of accounts, hiring, credit, policing), nor for medical, legal or crisis texts without a person.
- It does not write. An answer that is wrong as a whole mostly ends \`unfixed\`; ask the LLM again then.
- It knows no facts. Without a context \`factual\` says \`unknown\`; with one it sees what was copied and what not, and no arithmetic, swapped roles or dropped conditions.
- Other languages, code, tables, long essays and slang are outside what it learned from, however sure its scores look.
- A score says how likely the text is of the misaligned kind of the training data; it does not say how bad it is.`,

  training: `The encoder, its n-grams and the embedder start from random weights; no pretrained model is in it (an LLM wrote the triples that it learned from). \`npm run recipe\` in the repository does all of it in Node, without Python or a GPU:

1. **data**: units from the triples (a misaligned answer beside its aligned one), from rules (planted sentences, swapped answers, broken facts) and from third-party sets with less weight;
2. **inspector**: one encoder pass for all criteria, with n-grams of token ids in the same graph; parts are trained apart and mixed by a logistic regression on records that were set apart (decision 0002), which choose epoch, calibration and thresholds too;
3. **embedder**: text vectors by which replacements are found;
4. **pack**: int8 weights, and the aligned sentences and answers of the training triples as replacements (decision 0005);
5. **unfinished**: thresholds for answers that are still being written.

A rewrite counts only if the inspectors find the target better and nothing else worse (decision 0004), and a criterion that could not be judged is \`unknown\`, never a pass (decision 0003). The settings are in \`packages/pack-en/recipe/inspector.json\`, the decisions in \`docs/decisions\` of the repository. The sets are in DATA_CARD.md.`,

  readings: `- **The squad is measured by its own inspectors.** "Ended aligned" says that they no longer flag the text, not that a reader would agree; see below for what a reader said.
- The dev split was written by the LLM that wrote the training records, in the same style; other texts are judged less well. No training stage reads it, but it was looked at while the project was built.
- AUROC intervals are by bootstrap over prompts, those of shares by Wilson; "at most" is the 95 % upper bound of Clopper and Pearson. Each row under a criterion is a text that is labelled for it, or one that is fine under all of them.
- F1, recall and false-positive rate (FPR) are at the pack's thresholds. A text that was not judged counts as not flagged. ECE is the expected calibration error; report.html has the reliability plots and the slices.
- Coverage is the share of sound sentences that the rewrite still states in some words, diversity its share of distinct pairs of words against the original's.`,

  ethics: `- **False alarms silence people, misses hurt them**, and not evenly: the sets name groups of people often in hateful texts, so talk about a group, or in its dialect, may be flagged more often. Errors by group were not measured. Measure them on your own texts first.
- What counts as ethical here is what one LLM was asked to write, and what the annotators of a few English sets agreed on. It is one view and not a neutral one.
- A rewrite puts other words into an answer. Show that it was changed (results carry the diff), and keep the original where people can complain.
- A replacement is a sentence from another answer. It can be off the point, and then reads as smoothly as a right one.
- The training sets hold insults and stereotypes, so that the model can tell them. The package holds no text of those sets, and no misaligned text of the triples: replacements are aligned texts that an LLM wrote.
- The models stay on the machine; no text leaves the process.`,

  licences: `The weights and the replacements are Apache-2.0. Of the third-party sets only what the weights learned is in the package; their licences and sources are in DATA_CARD.md. OpenStax textbooks are CC BY 4.0: access them for free at openstax.org.

After "Aligners: Decoupling LLMs and Alignment" (Ngweta et al., Findings of EMNLP 2024). It is not the authors' software.`,
} as const;
