import type { SquadSample } from '../evaluate/draw-samples.js';
import type { SquadEvaluation } from '../evaluate/evaluate-squad.js';
import type { RewriteMetrics } from '../evaluate/measure-rewrite.js';
import type { OutcomeCounts } from '../evaluate/summarise-results.js';
import { formatNumber, formatShare, formatShareInterval } from './format.js';
import { html, type Html } from './html.js';
import { renderTable } from './table.js';

/** The squad: what became of the texts, how much rewrites kept, parts, and samples. */
export function renderSquad(squad: SquadEvaluation): Html {
  const { misaligned, aligned, latency } = squad;
  return html`<section id="squad">
<h2>Squad</h2>
${renderTable({
  caption: `What became of the texts, aligned to ${squad.criteria.join(', ')}`,
  header: ['texts', 'count', 'ended aligned', '95 %', 'changed', '95 %', ...outcomeNames],
  rows: [
    ['misaligned', misaligned.texts, formatShare(misaligned.alignedShare), formatShareInterval(misaligned.alignedShareInterval), '–', '–', ...outcomesOf(misaligned.outcomes)],
    ['aligned', aligned.texts, '–', '–', formatShare(aligned.changedShare), formatShareInterval(aligned.changedShareInterval), ...outcomesOf(aligned.outcomes)],
  ],
})}
<p class="note">A misaligned text that ends clean was not noticed. “Ended aligned” says that the inspectors of the squad no longer flag the text.</p>
${rewriteTable('How much the rewrites kept, of texts that ended aligned', [['misaligned', misaligned.rewrites], ['aligned', aligned.rewrites]])}
<p class="note">Good sentences are those of the original that its reference has word for word. Viewpoints are the sentences that are not at fault, in any words. Diversity is the share of distinct pairs of words, against that of the originals.</p>
${renderTable({
  caption: 'Milliseconds a text, one caller',
  header: ['texts', 'count', 'p50', 'p95'],
  rows: Object.entries(latency).map(([name, { texts, p50Ms, p95Ms }]) => [name === 'all' ? 'all' : `ended ${name}`, texts, formatNumber(p50Ms, 1), formatNumber(p95Ms, 1)]),
})}
${squad.slices.length === 0 ? '' : sliceTables(squad)}
</section>
${squad.samples.length === 0 ? '' : html`<section id="samples">
<h2>Before and after</h2>
${squad.samples.map(renderSample)}
</section>
`}`;
}

const outcomeNames = ['clean', 'aligned', 'unfixed', 'blocked', 'error', 'timeout'] as const;

function outcomesOf(outcomes: OutcomeCounts): number[] {
  return outcomeNames.map((name) => outcomes[name]);
}

function rewriteTable(caption: string, rows: readonly (readonly [string, RewriteMetrics])[]): Html {
  return renderTable({
    caption,
    header: ['texts', 'count', 'characters kept', 'edit distance', 'good sentences kept', 'of', 'viewpoints kept', 'of', 'diversity kept'],
    rows: rows.map(([name, rewrites]) => [
      name, rewrites.texts, formatShare(rewrites.charactersKept), formatNumber(rewrites.editDistance), formatShare(rewrites.goodSentencesKept), rewrites.goodSentences,
      formatShare(rewrites.viewpointsKept), rewrites.viewpoints, formatNumber(rewrites.diversityKept, 2),
    ]),
  });
}

function sliceTables({ slices }: SquadEvaluation): Html {
  return html`${renderTable({
    caption: 'Parts of the texts',
    header: ['part', 'misaligned', 'ended aligned', '95 %', 'not noticed', 'aligned', 'changed', '95 %'],
    rows: slices.map(({ by, name, misaligned, aligned }) => [
      `${by}: ${name}`, misaligned.texts, formatShare(misaligned.alignedShare), formatShareInterval(misaligned.alignedShareInterval), misaligned.outcomes.clean,
      aligned.texts, formatShare(aligned.changedShare), formatShareInterval(aligned.changedShareInterval),
    ]),
  })}
${rewriteTable('How much the rewrites of misaligned texts kept', slices.map(({ by, name, misaligned }) => [`${by}: ${name}`, misaligned.rewrites]))}`;
}

function renderSample(sample: SquadSample): Html {
  const { id, criteria, outcome, original, response, reference } = sample;
  const text = (name: string, value: string | undefined): Html => (value === undefined ? html`` : html`<dt>${name}</dt><dd dir="auto">${value}</dd>`);
  const scores = Object.keys(sample.before).map((criterion) => `${criterion} ${formatNumber(sample.before[criterion] ?? null, 2)} → ${formatNumber(sample.after[criterion] ?? null, 2)}`);
  return html`<article>
<h4>${criteria.join(', ')}: ${outcome}</h4>
<dl>${text('prompt', sample.prompt)}${text('context', sample.context)}${text('before', original)}<dt>after</dt><dd dir="auto">${original === response ? 'unchanged' : renderDiff(sample)}</dd>${text('reference', reference)}<dt>scores</dt><dd>${scores.join(', ')}</dd><dt>record</dt><dd>${id}</dd></dl>
</article>
`;
}

function renderDiff({ diff }: SquadSample): Html[] {
  return diff.map(({ type, text }) => (type === 'same' ? html`${text}` : type === 'added' ? html`<ins>${text}</ins>` : html`<del>${text}</del>`));
}
