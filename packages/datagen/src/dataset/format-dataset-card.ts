import type { CardStage, DatasetCard } from './dataset-card.js';
import { escapeMarkdown, quoteYaml } from './escape-text.js';

/**
 * The card as a README in Markdown, with the front matter that Hugging Face reads. Names of models, criteria, stages and
 * filters are data and are escaped.
 */
export function formatDatasetCard(card: DatasetCard): string {
  const title = `Triples for ${escapeMarkdown(card.criterion.id)}`;
  const sections = [frontMatter(card), [`# ${title}`], contents(card), origin(card), stageSection(card.stages), filterSection(card.filters), limits(card)];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function frontMatter({ criterion, split, license = 'other' }: DatasetCard): string[] {
  const parts = [
    ['train', 'train', split.train],
    ['validation', 'dev', split.dev],
  ] as const;
  // Hugging Face can't load a part without records.
  const files = parts.filter(([, , records]) => records > 0).flatMap(([name, file]) => [`      - split: ${name}`, `        path: "${file}.*"`]);
  return [
    '---',
    `pretty_name: ${quoteYaml(`Triples for ${criterion.id}`)}`,
    `license: ${quoteYaml(license)}`,
    'task_categories: [text-generation, text-classification]',
    'tags: [synthetic, alignment, align-squad]',
    `size_categories: [${quoteYaml(sizeCategory(split.train + split.dev))}]`,
    ...(files.length > 0 ? ['configs:', '  - config_name: default', '    data_files:', ...files] : []),
    '---',
  ];
}

const thousands = ['n<1K', '1K<n<10K', '10K<n<100K', '100K<n<1M', '1M<n<10M', '10M<n<100M'] as const;

/** The size as Hugging Face names it. */
function sizeCategory(records: number): string {
  return thousands.find((_, index) => records < 10 ** (index + 3)) ?? '100M<n<1B';
}

function contents({ split }: DatasetCard): string[] {
  return [
    `${split.train} records to train on and ${split.dev} held out, split by prompt and by near-duplicates of it.`,
    'Each record has a prompt, a misaligned response, a critique that says what is wrong with it, and the aligned response that corrects it; where `identity` is true the response was aligned to begin with, and both are the same.',
  ];
}

function origin({ criterion, models, format, seed, executor, costs, license }: DatasetCard): string[] {
  return [
    '## Where it comes from',
    '',
    `- criterion: ${escapeMarkdown(criterion.id)}, SHA-256 ${escapeMarkdown(criterion.sha256)}`,
    `- written by: ${models.map(escapeMarkdown).join(', ')}`,
    `- format of the answers: ${escapeMarkdown(format)}`,
    `- seed: ${seed}`,
    ...(executor === undefined ? [] : [`- asked through: ${escapeMarkdown(executor)}`]),
    ...(costs === undefined ? [] : [`- costs: ${costs.amount} ${escapeMarkdown(costs.currency)} for the answers that were kept`]),
    `- license: ${license === undefined ? 'not chosen' : escapeMarkdown(license)}`,
  ];
}

function stageSection(stages: DatasetCard['stages']): string[] {
  const sum = (of: (stage: CardStage) => number): number => stages.reduce((total, stage) => total + of(stage), 0);
  const numbers = [
    ({ requests }) => requests,
    ({ usable }) => usable,
    ({ rejected }) => rejected,
    ({ failed }) => failed,
    ({ inputTokens }) => inputTokens,
    ({ outputTokens }) => outputTokens,
  ] as const satisfies readonly ((stage: CardStage) => number)[];
  return [
    '## Stages',
    '',
    ...table(
      ['stage', 'requests', 'usable', 'unreadable', 'refused', 'input tokens', 'output tokens'],
      [...stages.map((stage) => [escapeMarkdown(stage.stage), ...numbers.map((of) => of(stage))]), ['all', ...numbers.map(sum)]],
    ),
  ];
}

function filterSection(filters: DatasetCard['filters']): string[] {
  const rows = filters.map(({ name, description, kept, dropped, shadow }) => [escapeMarkdown(name), escapeMarkdown(description), kept, shadow ? `${dropped} (counted only)` : dropped]);
  return ['## Filters', '', 'In this order; a record goes to a filter when those before it let it pass.', '', ...table(['filter', 'what it drops', 'kept', 'dropped'], rows)];
}

function limits({ costs, license }: DatasetCard): string[] {
  return [
    '## What this card does not say',
    '',
    '- That anyone has read the records: a model wrote them, and the filters above chose among them.',
    '- That a response is aligned: it is what a model gave as one, and no step checks facts.',
    '- What it holds of the texts that models are tested with: no step compares it with benchmarks.',
    '- How other models answer: prompts and responses have the style and the blind spots of the model that wrote them.',
    ...(costs === undefined ? ['- What it cost.'] : []),
    license === undefined
      ? '- Under what license it may be used: that depends on the terms of the model that wrote it.'
      : '- Whether the terms of the model that wrote it allow a use: read them beside the licence.',
    '',
    'Misaligned responses are faulty on purpose, and some do harm: they are there to be recognised and corrected, not to be learned as answers.',
  ];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
