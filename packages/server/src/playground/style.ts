/** Style of the page. */
export const playgroundStyle = `
:root {
  color-scheme: light dark;
  --page: #f4f5f8; --card: #fff; --ink: #171a21; --muted: #5a6372; --line: #dde1e8; --field: #fbfbfd;
  --accent: #3b5bdb; --on-accent: #fff; --soft: #eaeefe;
  --pass: #0a7446; --pass-soft: #e2f4ea; --flag: #b42318; --flag-soft: #fdeae7; --unknown: #6a5a10; --unknown-soft: #f6f0d6;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1115; --card: #171a20; --ink: #e8eaee; --muted: #9ba4b3; --line: #2c323c; --field: #12151a;
    --accent: #8da4ff; --on-accent: #10131c; --soft: #222b4d;
    --pass: #5fd39b; --pass-soft: #12301f; --flag: #ff8f84; --flag-soft: #3a1a17; --unknown: #e0c968; --unknown-soft: #322c12;
  }
}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
header { display: flex; align-items: center; flex-wrap: wrap; gap: 4px 10px; max-width: 1240px; margin: 0 auto; padding: 18px 24px 14px; }
header img { display: block; }
h1 { margin: 0; font-size: 18px; font-weight: 650; letter-spacing: -.01em; }
header p { margin: 0 0 0 4px; color: var(--muted); }
noscript p { padding: 0 24px; }
main { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); align-items: start; gap: 20px; max-width: 1240px; margin: 0 auto; padding: 0 24px 40px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; }
.key { grid-column: 1 / -1; }
.key input { flex: 1; min-width: 0; }
.key p { margin: 8px 0 0; }
[hidden] { display: none !important; }
h2 { margin: 0 0 8px; font-size: 13px; font-weight: 600; color: var(--muted); }
p { margin: 0; }
.muted { color: var(--muted); }
.small { font-size: 13px; }
.mono, .number { font-family: var(--mono); font-variant-numeric: tabular-nums; font-size: 12.5px; }
.row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 12px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: pre; }
.gone { visibility: hidden; }

label, legend { font-weight: 600; }
.field { margin-top: 14px; }
.field label { margin-right: 8px; }
.field .muted { font-size: 13px; }
textarea, input[type=password], input[type=number] { border: 1px solid var(--line); border-radius: 8px; background: var(--field); color: inherit; font: inherit; padding: 8px 10px; }
textarea { display: block; width: 100%; min-height: calc(1lh + 18px); max-height: 45vh; margin-top: 4px; resize: vertical; field-sizing: content; }
#answer { min-height: calc(5lh + 18px); }
button { border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: inherit; font: inherit; font-weight: 550; padding: 8px 16px; cursor: pointer; }
button:hover { border-color: var(--accent); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); padding-inline: 24px; }
button.primary:hover { filter: brightness(1.08); }
button.link { border: 0; background: none; color: var(--accent); padding: 4px 2px; font-size: 13px; text-decoration: underline; text-underline-offset: 2px; }
.chip { padding: 3px 12px; border-radius: 99px; font-size: 13.5px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.examples, .buttons { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.buttons { margin-top: 18px; }
.keys, #stop { margin-left: auto; }
#stop:not([hidden]) + .keys { display: none; }
.keys { color: var(--muted); }
[aria-busy=true] .parts { opacity: .55; }
kbd { padding: 1px 6px; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; font: 12px var(--mono); }
fieldset { min-width: 0; margin: 18px 0 0; padding: 0; border: 0; }
legend { float: left; margin-right: 8px; padding: 0; }
.hint { font-size: 13px; line-height: 1.8; }
.criteria { clear: both; margin-top: 4px; }
.criterion { display: grid; grid-template-columns: minmax(84px, 1fr) minmax(60px, 1.8fr) 70px 40px; align-items: center; gap: 10px; padding: 2px 0; }
.criterion label { display: flex; align-items: center; gap: 8px; min-width: 0; font-weight: 450; overflow-wrap: anywhere; }
.criterion input { margin: 0; accent-color: var(--accent); }
.criterion input[type=checkbox] { flex: none; width: 17px; height: 17px; }
.criterion input[type=range] { width: 100%; }
.criterion input[type=number] { width: 100%; padding: 4px 6px; font: 13px var(--mono); }

.results { min-height: 220px; }
.results section + section { margin-top: 22px; padding-top: 18px; border-top: 1px solid var(--line); }
.parts > div:not(:empty, .intro) { margin-top: 22px; }
.intro h2 { color: var(--ink); font-size: 16px; }
.intro ul { margin: 10px 0 0; padding: 0; list-style: none; color: var(--muted); }
.intro li + li { margin-top: 6px; }
.intro strong { color: var(--ink); }
.banner { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 10px; margin-bottom: 18px; padding: 12px 14px; border-radius: 10px; background: var(--soft); border-left: 4px solid var(--accent); }
.banner strong { font-size: 17px; }
.banner .number { flex-basis: 100%; }
.banner.pass { background: var(--pass-soft); border-color: var(--pass); }
.banner.pass strong { color: var(--pass); }
.banner.flag { background: var(--flag-soft); border-color: var(--flag); }
.banner.flag strong { color: var(--flag); }
.banner.unknown { background: var(--unknown-soft); border-color: var(--unknown); }
.banner.unknown strong { color: var(--unknown); }
.failure { color: var(--flag); }
.text { font-size: 16px; line-height: 1.6; white-space: pre-wrap; overflow-wrap: anywhere; }
.text + .small, .verdicts + .small { margin-top: 8px; }
del { color: var(--flag); background: var(--flag-soft); text-decoration: line-through; border-radius: 3px; padding: 0 2px; }
ins { color: var(--pass); background: var(--pass-soft); text-decoration: underline; text-underline-offset: 3px; border-radius: 3px; padding: 0 2px; }
.badge { display: inline-block; padding: 0 8px; border-radius: 99px; font-size: 13px; font-weight: 550; white-space: normal; }
.badge.pass { color: var(--pass); background: var(--pass-soft); }
.badge.flag { color: var(--flag); background: var(--flag-soft); }
.badge.unknown { color: var(--unknown); background: var(--unknown-soft); }
.verdict + .verdict { margin-top: 14px; }
.bar { display: flex; align-items: center; gap: 10px; margin-top: 4px; }
.bar > .small { min-width: 42px; }
.bar .number { min-width: 36px; text-align: right; }
.track { position: relative; flex: 1; height: 10px; border-radius: 5px; background: var(--line); overflow: clip; overflow-clip-margin: 4px; }
.fill { position: absolute; inset: 0 auto 0 0; width: calc(var(--at) * 100%); min-width: 3px; border-radius: 5px; background: var(--muted); animation: grow .35s ease-out; }
.fill.pass { background: var(--pass); }
.fill.flag { background: var(--flag); }
.fill.unknown { display: none; }
.fill.heat { background: color-mix(in oklab, var(--flag) calc(var(--at) * 100%), var(--muted)); }
.tick { position: absolute; top: -4px; bottom: -4px; left: calc(var(--at) * 100%); width: 2px; margin-left: -1px; background: var(--ink); }
ol { margin: 0; padding: 0; list-style: none; counter-reset: item; }
ol > li { position: relative; padding: 10px 0 0 28px; counter-increment: item; }
ol > li::before { content: counter(item); position: absolute; left: 0; color: var(--muted); font: 12.5px/1.9 var(--mono); }
ol > li:first-child { padding-top: 0; }
ol + p { margin-top: 10px; }
.sentences p, .steps details { overflow-wrap: anywhere; }
.scores { display: flex; flex-wrap: wrap; gap: 2px 18px; margin-top: 2px; }
.score { display: inline-flex; align-items: center; gap: 6px; color: var(--muted); font-size: 13px; }
.score .track { flex: none; width: 64px; height: 6px; }
.steps .mono { overflow-wrap: anywhere; font-size: 12px; }
summary { width: fit-content; cursor: pointer; color: var(--accent); font-size: 13.5px; }
.windows li { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 14px; }
.windows .scores { margin: 0; flex: 1; }
.held { color: var(--muted); font-size: 13px; }
.held:not(:empty) { padding: 1px 10px; border: 1px dashed var(--muted); border-radius: 99px; animation: breathe 1.2s ease-in-out infinite alternate; }
.gap { border: 1px dashed; border-radius: 99px; padding: 0 10px; font-size: 13px; }
.gap.pass { color: var(--pass); }
.gap.flag { color: var(--flag); }
@keyframes grow { from { width: 0; } }
@keyframes breathe { to { opacity: .55; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; scroll-behavior: auto !important; } }
@media (max-width: 860px) { main { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 520px) {
  header, main { padding-inline: 12px; }
  main { gap: 12px; }
  .card { padding: 16px 14px; }
  .criterion { grid-template-columns: 1fr 76px 40px; padding: 6px 0; }
  .criterion input[type=range] { grid-column: 1 / -1; grid-row: 2; height: 28px; }
  textarea, input[type=password], .criterion input[type=number] { font-size: 16px; }
  .buttons button { flex: 1; padding-inline: 8px; }
  .buttons .keys { display: none; }
}
`;
