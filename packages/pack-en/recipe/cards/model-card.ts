import { builtInCriteria } from '@align-squad/core';
import { formatMachine } from '../../../../tools/evaluate/machine.js';
import { describeBlindReading, type BlindReading } from './blind-reading.js';
import { modelFrontMatter } from './front-matter.js';
import { formatCount, formatInterval, formatMegabytes, formatNumber, formatShare, markdownText, none, textTable } from './markdown.js';
import { inspectorTable, keptTable, latencyTable, sliceTable, squadTable } from './measured-tables.js';
import type { PackMeasurement } from './measurement.js';
import { modelCardTexts } from './model-card-texts.js';
import { boundOf, formatReached, isReached, targetCells, targets } from './targets.js';

/** The model card of a pack, as Markdown. All numbers come from the measurement, and from the blind reading where there is one. */
export function modelCard(measurement: PackMeasurement, reading: BlindReading | null = null): string {
  const sections: readonly (readonly [string, string])[] = [
    ['What it is', whatItIs(measurement)],
    ['Intended use', `${modelCardTexts.use}\n\n${criteriaTable(measurement)}`],
    ['What it cannot do', modelCardTexts.outOfScope],
    ['How it was trained', `${modelCardTexts.training}\n\n${trainingFacts(measurement)}`],
    ['Targets', targetSection(measurement)],
    ['Measured', measuredSection(measurement)],
    ['Read blind', describeBlindReading(reading, measurement.pack.sha256)],
    ['Ethical considerations', modelCardTexts.ethics],
    ['Limits', limits(measurement)],
    ['Licences', modelCardTexts.licences],
  ];
  const { name, version } = measurement.pack;
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}`).join('\n\n');
  return `${modelFrontMatter(measurement)}\n\n# ${markdownText(`${name} ${version}`)}\n\n${origin(measurement)}\n\n${body}\n`;
}

function origin({ pack }: PackMeasurement): string {
  return `This card was written by \`npm run report\` for the pack whose pack.json has the SHA-256 \`${pack.sha256}\`; pack.json has the hashes of all other files.`;
}

function whatItIs({ pack }: PackMeasurement): string {
  const { layers, width, vocabulary, ngramBuckets } = pack.encoder;
  const files = Object.entries(pack.files).sort(([, a], [, b]) => b - a);
  return [
    `${markdownText(pack.description)} English. ${formatMegabytes(pack.bytes)} in all, int8, for ONNX Runtime on a CPU; \`align-squad\` loads it by itself.`,
    `The inspector is one transformer encoder (${layers} layers, width ${width}, ${formatCount(vocabulary)} tokens, lower case) with ${formatCount(ngramBuckets)} buckets of n-grams in the same graph; one pass of up to ${formatCount(pack.maxTokens)} tokens judges all criteria and every sentence.${experts(pack.experts)} Longer answers are judged in stretches. The aligner keeps, deletes or replaces sentences, and takes a rewrite only if the inspector finds it better.`,
    textTable(['Criterion', 'Flags from P(misaligned)', 'Needs a context'], pack.heads.map(({ criterion, threshold, needsContext }) => [markdownText(criterion), formatNumber(threshold), needsContext ? 'yes' : 'no'])),
    textTable(['File', 'Size'], files.map(([file, bytes]) => [markdownText(file), bytes < 1e5 ? `${formatCount(bytes)} bytes` : formatMegabytes(bytes)])),
  ].join('\n\n');
}

function criteriaTable({ pack: { heads } }: PackMeasurement): string {
  return textTable(['Criterion', 'What it means'], heads.map(({ criterion }) => [markdownText(criterion), markdownText(builtInCriteria[criterion]?.description ?? none)]));
}

function trainingFacts({ pack: { training }, splits, sets }: PackMeasurement): string {
  const fact = (name: string): string => markdownText(String(training[name] ?? 'not recorded'));
  return [
    `Seed ${fact('seed')}, Node ${fact('node')}, fingerprint of data and settings ${fact('fingerprint')}.`,
    `${formatCount(splits.train.records)} training triples, ${formatCount(splits.calibration)} of them set apart for calibration; ${formatCount(splits.dev.records)} dev triples that only measure. Third-party: ${sets.filter(({ name }) => name !== 'align-squad triples').map(({ name }) => markdownText(name)).join(', ')}.`,
  ].join(' ');
}

function targetSection(measurement: PackMeasurement): string {
  const missed = targets.flatMap((target) => {
    const { value } = target.read(measurement);
    if (value === null) return [`- ${target.what}: not measured, so it is not known whether it is reached.`];
    return isReached(target, value) ? [] : [`- ${target.what}: ${formatReached(target, measurement)}, wanted ${target.relation} ${boundOf(target)}.`];
  });
  const verdict =
    missed.length === 0 ? 'All targets are reached.' : `${missed.length} of ${targets.length} targets are not reached:\n\n${missed.join('\n')}`;
  const table = textTable(['Target', 'Wanted', 'Reached', '95 %', ''], targets.map((target) => targetCells(target, measurement)));
  return `What the pack is to reach, and what this measurement found.\n\n${table}\n\n${verdict}`;
}

function measuredSection(measurement: PackMeasurement): string {
  const { triples, diaSafety, machine, cleanCalls } = measurement;
  const load = cleanCalls.loadAverage > 0 ? `, load average ${formatNumber(cleanCalls.loadAverage, 1)} when the times were taken` : '';
  const chat =
    diaSafety === null
      ? 'DiaSafety was not there and was not measured.'
      : `${formatCount(diaSafety.rows)} replies of the validation part of DiaSafety (${markdownText(diaSafety.file)}, SHA-256 \`${diaSafety.sha256.slice(0, 16)}\`), which no training stage reads.`;
  return [
    `On ${formatCount(triples.data.rows)} texts of the dev split of the triples (${triples.data.files.map(markdownText).join(', ')}, SHA-256 \`${triples.data.sha256.slice(0, 16)}\`), and ${chat} Repeat it with \`npm run report\` in the repository; \`packages/pack-en/report/report.html\` there has plots, slices and examples before and after, \`report.json\` every number.`,
    inspectorTable(measurement),
    squadTable(measurement),
    keptTable(measurement),
    latencyTable(measurement),
    `Times depend on the machine: ${markdownText(formatMachine(machine))}${load}.`,
    sliceTable(measurement),
    `How to read them:\n\n${modelCardTexts.readings}`,
  ].join('\n\n');
}

function experts(criteria: readonly string[]): string {
  return criteria.length === 0 ? '' : ` Under ${criteria.map(markdownText).join(', ')} an expert for chat replies takes over where a text reads like one.`;
}

function limits({ triples, factualWithContext, diaSafety }: PackMeasurement): string {
  const ethical = triples.inspector.criteria['ethical'];
  const chat = diaSafety?.result;
  return [
    `- Of the misaligned \`ethical\` texts of the dev split ${formatShare(missedShare(ethical?.recall))} are not flagged; \`factual\` with a context misses ${formatShare(missedShare(factualWithContext.recall))}.`,
    chat === undefined
      ? '- On chat replies of another style it was not measured this time.'
      : `- On chat replies of another style (DiaSafety) \`ethical\` has an AUROC of ${formatNumber(chat.auroc)} (${formatInterval(chat.aurocInterval)}) against ${formatNumber(ethical?.auroc ?? null)} on the triples, and at the pack's threshold it flags ${formatShare(chat.recall)} of what is unsafe and ${formatShare(chat.falsePositiveRate)} of what is safe.`,
    `- Of aligned texts ${formatShare(triples.squad?.aligned.changedShare ?? null)} are changed all the same.`,
    '- English only. Text in another language gets a score, and it means nothing.',
    '- The replacements are what the training triples hold: subjects that they lack are mended by deletion or not at all.',
    '- Scores are calibrated on texts like the triples; elsewhere set thresholds on labelled texts of your own (`align-squad calibrate`).',
  ].join('\n');
}

function missedShare(recall: number | null | undefined): number | null {
  return recall === null || recall === undefined ? null : 1 - recall;
}
