/** The report's style: light and dark by the reader's preference, and fit for paper. */
export const style = `
:root{color-scheme:light dark;--ink:#1d2327;--quiet:#5d6b75;--line:#dfe5e8;--card:#fff;--page:#f3f6f5;--green:#1f8a5b;--soft:#cfe8dc;
--s0:#1f8a5b;--s1:#3b7dd8;--s2:#e0a030;--s3:#a45bc4;--s4:#d9604c;--s5:#6b7c86}
@media(prefers-color-scheme:dark){:root{--ink:#e6ecea;--quiet:#94a3ab;--line:#2c363b;--card:#182023;--page:#0f1517;--green:#4cc38a;--soft:#1d3b2e;
--s0:#4cc38a;--s1:#6ea8f5;--s2:#f0bf60;--s3:#c58ae0;--s4:#f08a76;--s5:#93a4ae}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:940px;margin:0 auto;padding:48px 20px 80px}
header{margin-bottom:28px}
h1{font-size:30px;letter-spacing:-.02em;margin:0 0 4px}
h2{font-size:18px;margin:0 0 14px}
p{margin:0 0 10px}
.quiet{color:var(--quiet);font-size:14px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px;margin-bottom:22px}
.tile,section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:18px 20px}
.tile h2{font-size:13px;font-weight:600;color:var(--quiet);margin:0 0 6px}
.tile .figure{font-size:25px;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.tile .range{font-size:13px;color:var(--quiet);font-variant-numeric:tabular-nums}
.tile.first{background:linear-gradient(140deg,var(--soft),var(--card))}
section{margin-bottom:22px}
.scroll{overflow-x:auto}
.tag{display:inline-block;font-size:11px;font-weight:600;border:1px solid var(--line);border-radius:99px;padding:0 8px;margin-left:6px;color:var(--quiet)}
svg{display:block;width:100%;height:auto;min-width:600px}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}
svg .name{text-anchor:end}
svg .tick,svg .value{fill:var(--quiet);font-size:12px}
svg .bar{fill:var(--green)}
svg .whisker{stroke:var(--ink);stroke-width:1.4;fill:none;opacity:.55}
svg .axis{stroke:var(--line);stroke-width:1}
.s0{fill:var(--s0)}.s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}.s4{fill:var(--s4)}.s5{fill:var(--s5)}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;color:var(--quiet);font-weight:600;font-size:12px}
th,td{padding:7px 10px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right}
td+td,th+th{padding-left:14px}
.words td:first-child{font-weight:600}
blockquote{margin:0;padding:14px 18px;border-left:3px solid var(--green);background:var(--page);border-radius:0 10px 10px 0;font-family:Georgia,"Times New Roman",serif}
footer{color:var(--quiet);font-size:13px;margin-top:30px}
@media(max-width:600px){table{min-width:540px}table.words{min-width:0}.words tr{display:block;border-bottom:1px solid var(--line);padding:8px 0}.words td{display:block;border:0;padding:1px 0}section,.tile{padding:14px 16px}}
@media print{body{background:#fff}section,.tile{break-inside:avoid}}
`;
