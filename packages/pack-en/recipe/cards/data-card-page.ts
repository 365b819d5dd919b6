import { dataFrontMatter } from './front-matter.js';
import { dataSetNotes } from './data-set-notes.js';
import { formatCount, formatShare, markdownTable, markdownText, none, textTable } from './markdown.js';
import type { CountedSet, PackMeasurement, TripleCounts } from './measurement.js';

/** The data card of a pack, as Markdown: every set of its manifest. All numbers come from the files and the measurement. */
export function dataCardPage(measurement: PackMeasurement): string {
  const { pack, sets } = measurement;
  const sections: readonly (readonly [string, string])[] = [
    ['The sets', setTable(sets)],
    ['One by one', sets.map(describeSet).join('\n\n')],
    ['How our triples were made', tripleSection(measurement)],
    ['What of them is in the package', packageSection(measurement)],
    ['What measures', measuringSection(measurement)],
    ['Care', care],
  ];
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}`).join('\n\n');
  const origin = `The data of ${markdownText(`${pack.name} ${pack.version}`)}, whose pack.json has the SHA-256 \`${pack.sha256}\`. Written by \`npm run report\`; what was made of the data is in MODEL_CARD.md.`;
  return `${dataFrontMatter(measurement)}\n\n# Data of ${markdownText(pack.name)}\n\n${origin}\n\n${body}\n`;
}

const care = `- Several sets hold insults, threats and stereotypes about people. Read them with that in mind, and do not publish samples without need.
- Labels are noisy and cultural: what annotators of one place and time called unsafe is not what everybody would.
- The third-party sets are read from files beside the repository and are not part of it. Get them from their sources, under their licences.
- Whoever finds a text of theirs among the replacements can have it taken out: they come from \`data/triples\` in the repository, and the pack is made again by one command.`;

function setTable(sets: readonly CountedSet[]): string {
  return textTable(
    ['Set', 'Rows', 'Licence', 'Source', 'Used for'],
    sets.map((set) => [markdownText(set.name), rowsOf(set), markdownText(set.license), markdownText(set.source), markdownText(set.use ?? none)]),
  );
}

function rowsOf({ rows, counted }: CountedSet): string {
  const count = counted?.rows ?? rows;
  return count === undefined ? none : formatCount(count);
}

function describeSet({ name, counted }: CountedSet): string {
  const notes = dataSetNotes[name];
  if (notes === undefined) return `### ${markdownText(name)}\n\nNo notes are kept on this set.`;
  const splits = Object.entries(counted?.splits ?? {}).map(([split, rows]) => `${markdownText(split)} ${formatCount(rows)}`);
  return [
    `### ${markdownText(name)}\n`,
    `- A record: ${notes.content}.`,
    `- Splits: ${notes.splits}${splits.length === 0 ? '' : ` (${splits.join(', ')})`}.`,
    `- Traps: ${notes.traps}.`,
    `- In the package: ${notes.inPackage}.`,
  ].join('\n');
}

function tripleSection({ splits }: PackMeasurement): string {
  const { train, dev, calibration, promptsInTrain } = splits;
  const share = train.misaligned === 0 ? null : train.oneFaultySentence / train.misaligned;
  return [
    'An LLM wrote them, after the recipe of the paper (Ngweta et al. 2024): under the definition of a criterion it wrote, for a prompt, an answer that fails the criterion, a critique that says what is wrong, and the answer as it should have been. The label of a text is what it was written to be.',
    `Not every answer is bad: identity records hold one that is aligned to begin with, of its criterion or (\`clean\`) of all. In ${formatShare(share)} of the misaligned training records one sentence is at fault and the aligned answer has all the others word for word.`,
    splitTable(splits),
    `The splits are by prompt: ${promptsInTrain === 0 ? 'no prompt of dev is in train' : `${formatCount(promptsInTrain)} dev records share a prompt with train, so the numbers flatter`}. ${formatCount(calibration)} of the ${formatCount(train.records)} training records are set apart by id and choose the epoch, calibration and thresholds. The ${formatCount(dev.records)} dev records only measure.`,
    'For training, more is made of them by rule: planted sentences, swapped answers, broken facts, and copies with a context that their answer is drawn from (`packages/pack-en/recipe`).',
  ].join('\n\n');
}

function splitTable({ train, dev }: Pick<PackMeasurement['splits'], 'train' | 'dev'>): string {
  const rows = (split: string, { byCriterion }: TripleCounts): string[][] =>
    Object.entries(byCriterion)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([criterion, { records, identity, withContext }]) => [`${split}, ${markdownText(criterion)}`, formatCount(records), formatCount(identity), formatCount(withContext)]);
  return markdownTable(['split, criterion', 'records', 'aligned to begin with', 'with a context'], [...rows('train', train), ...rows('dev', dev)]);
}

function packageSection({ pack: { replacements } }: PackMeasurement): string {
  const table = markdownTable(
    ['replacements.json', 'texts'],
    replacements.map(({ kind, criterion, texts }) => [`${kind === 'response' ? 'whole answers' : 'sentences'} of ${markdownText(criterion)} records`, formatCount(texts)]),
  );
  return [
    'The npm package holds weights, a tokenizer and replacements. Of texts only the replacements are there word for word, and they come from our own training triples alone: aligned sentences and answers, no prompts, no misaligned texts, nothing of a third-party set. Their vectors stand beside them.',
    table,
    'The tokenizer holds parts of words that it learned from all training texts.',
  ].join('\n\n');
}

function measuringSection({ triples, diaSafety }: PackMeasurement): string {
  const chat =
    diaSafety === null
      ? '- DiaSafety, validation part: not there when this card was written.'
      : `- DiaSafety, validation part: ${formatCount(diaSafety.rows)} replies, SHA-256 of the file \`${diaSafety.sha256}\`. Chat of another style than assistants' answers; its training part is trained on.`;
  return `- Triples, dev: ${formatCount(triples.data.rows)} texts, SHA-256 \`${triples.data.sha256}\`.\n${chat}`;
}
