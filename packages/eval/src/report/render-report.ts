import type { EvaluationReport } from './evaluation-report.js';
import { html, type Html } from './html.js';
import { renderInspector } from './inspector-section.js';
import { renderSquad } from './squad-section.js';
import { reportStyle } from './style.js';

/**
 * A report as one HTML page: no script, no request, plots as inline SVG, light and dark by the reader's setting. All text of the data
 * is escaped.
 */
export function renderReport(report: EvaluationReport): string {
  const { pack, inspector, squad } = report;
  const title = pack === undefined ? `Evaluation of ${inspector.version}` : `Evaluation of ${pack.name} ${pack.version}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${{ html: reportStyle }}</style>
</head>
<body>
<a class="skip" href="#report">Skip to the report</a>
<header>
<h1>${title}</h1>
${renderOrigin(report)}
<nav aria-label="Parts of the report"><ul>
<li><a href="#inspector">Inspector</a></li>
${Object.keys(inspector.criteria).map((criterion, index) => html`<li><a href="#criterion-${index}">${criterion}</a></li>`)}
${squad === undefined ? '' : html`<li><a href="#squad">Squad</a></li>`}
${squad === undefined || squad.samples.length === 0 ? '' : html`<li><a href="#samples">Before and after</a></li>`}
</ul></nav>
</header>
<main id="report">
${renderInspector(inspector)}
${squad === undefined ? '' : renderSquad(squad)}
</main>
</body>
</html>
`.html;
}

function renderOrigin({ pack, data }: EvaluationReport): Html {
  const shown = pack === undefined ? html`` : html`pack.json has the SHA-256 <code>${pack.sha256.slice(0, 16)}</code>; `;
  return html`<p>${shown}${data.rows} labelled texts of ${data.files.join(', ')}, SHA-256 <code>${data.sha256.slice(0, 16)}</code>.</p>`;
}
