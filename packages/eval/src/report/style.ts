/** The style of a report: light and dark by the reader's own setting, one column on a phone. */
export const reportStyle = `:root{color-scheme:light dark;--ink:#1a1c20;--paper:#fff;--soft:#5b6270;--line:#d5d9e0;--panel:#f5f6f8;--s0:#1d5fc4;--s1:#b8470b;--mark:#6b4fa0;--added:#d9f2df;--removed:#fbe0dd}
@media(prefers-color-scheme:dark){:root{--ink:#e7e9ee;--paper:#15171b;--soft:#a3abba;--line:#3a3f49;--panel:#1e2127;--s0:#7fb0ff;--s1:#ff9d5c;--mark:#c3a6ff;--added:#16432a;--removed:#5a2320}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.2}h2{margin-top:2.5rem;border-bottom:2px solid var(--line)}h3{margin-top:2rem}
a{color:var(--s0)}a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--s0);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none}
.note,figcaption,caption{color:var(--soft)}
.scroll{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
caption{text-align:left;padding-bottom:.25rem}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child{text-align:left}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}
figure{margin:0;padding:.75rem;background:var(--panel);border-radius:.5rem}
svg{width:100%;height:auto;display:block}
svg text{font:11px system-ui,sans-serif;fill:var(--soft)}
polyline{fill:none;stroke-width:2}
.rule{stroke:var(--line);stroke-width:1}.diagonal{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}.mark{stroke:var(--mark);stroke-dasharray:6 3}
.s0{color:var(--s0)}.s1{color:var(--s1)}
g.s0,g.s1{fill:currentColor}.line{stroke:currentColor}g.s1 .line{stroke-dasharray:7 3}
.keys{margin:.25rem 0 0;font-size:.85rem;display:flex;flex-wrap:wrap;gap:.25rem 1rem}
.key::before{content:"";display:inline-block;width:1.2rem;margin-right:.4rem;vertical-align:middle;border-top:3px solid currentColor}
.key.s1:not(.bars)::before,.key.mark::before{border-top-style:dashed}.key.mark{color:var(--mark)}
details{margin:.75rem 0}summary{cursor:pointer}
article{border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;margin:1rem 0}
article h4{margin:0 0 .5rem}dl{display:grid;grid-template-columns:6rem 1fr;gap:.35rem .75rem;margin:0}
dt{color:var(--soft)}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
ins{background:var(--added);text-decoration:underline}del{background:var(--removed);text-decoration:line-through}
@media(max-width:40rem){dl{grid-template-columns:1fr}dt{margin-top:.5rem}}
@media print{details>*{display:block}.scroll{overflow:visible}}`;
