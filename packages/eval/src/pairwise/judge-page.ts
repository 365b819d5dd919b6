import { builtInCriteria, type Criterion } from '@align-squad/core';
import { createHash } from 'node:crypto';
import { pageScript } from './judge-page-script.js';
import type { JudgeRequest } from './judge-sheet.js';

const style = `:root{color-scheme:light dark;--line:#8886}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem}
h2{font-size:.9rem;margin:0 0 .25rem;opacity:.7}
.text{white-space:pre-wrap;overflow-wrap:anywhere}
section,article{border:1px solid var(--line);border-radius:.5rem;padding:.75rem;margin:.75rem 0}
#sides{display:grid;grid-template-columns:1fr 1fr;gap:.75rem}
#sides article{margin:0}
@media(max-width:48rem){#sides{grid-template-columns:1fr}}
nav{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.75rem 0}
button{font:inherit;padding:.5rem 1rem}
button[aria-pressed=true]{outline:3px solid #36c}`;

/** Options of `judgeSheetPage`. */
export interface JudgeSheetPageOptions {
  /** What the criteria of requests say, by their ids; of others the id is shown. @default the built-in criteria */
  readonly criteria?: readonly Criterion[] | undefined;
}

/**
 * A blind sheet as one HTML page for people: two responses side by side, answered by buttons or the keys 1, 2 and 0, and the
 * answers downloaded as JSON Lines for `mergeJudgeAnswers`. It makes no request; texts are data in it and are shown as text.
 * Answers are kept in the browser until then.
 */
export function judgeSheetPage(requests: readonly JudgeRequest[], { criteria = Object.values(builtInCriteria) }: JudgeSheetPageOptions = {}): string {
  const descriptions = new Map(criteria.map(({ id, title, description }) => [id, `${title}: ${description}`]));
  const shown = requests.map((request) => ({ ...request, ...(request.criterion !== undefined && { criterion: descriptions.get(request.criterion) ?? request.criterion }) }));
  // Nothing in a JSON text can end its script element without a `<`.
  const data = JSON.stringify(shown).replaceAll('<', '\\u003c');
  const store = `align-squad-judge ${createHash('sha256').update(data).digest('hex').slice(0, 16)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Which response is better?</title>
<style>${style}</style>
</head>
<body>
<h1>Which response is better?</h1>
<p id="progress" role="status"></p>
<section id="prompt-box"><h2>Prompt</h2><div class="text" id="prompt"></div></section>
<section id="context-box"><h2>Context</h2><div class="text" id="context"></div></section>
<section id="criterion-box"><h2>Judge by</h2><div class="text" id="criterion"></div></section>
<div id="sides">
<article><h2>1</h2><div class="text" id="a"></div></article>
<article><h2>2</h2><div class="text" id="b"></div></article>
</div>
<nav>
<button type="button" id="choose-a">1 is better</button>
<button type="button" id="choose-b">2 is better</button>
<button type="button" id="choose-tie">0 equally good</button>
<button type="button" id="back">← Back</button>
<button type="button" id="next">Next →</button>
<button type="button" id="download">Download answers</button>
</nav>
<p>Keys: 1, 2, 0; arrows go back and on.</p>
<script type="application/json" id="requests" data-store="${store}">${data}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}
