/** Inline, so that the file opens anywhere without a network; light and dark, screen and print. */
export const STYLE = `
:root{--bg:#f5f6f8;--card:#fff;--ink:#17202e;--soft:#55606f;--line:#d9dee6;--blue:#1d5fd1;--blue-soft:#dbe8ff;--green:#16703a;--green-soft:#dff5e6;--red:#b42318;--red-soft:#fde7e4;--amber:#9a5b00;--amber-soft:#fff0d6}
@media (prefers-color-scheme:dark){:root{--bg:#11161d;--card:#1a212b;--ink:#e8edf4;--soft:#a3afbf;--line:#343e4b;--blue:#7db0ff;--blue-soft:#1c3358;--green:#76d596;--green-soft:#12351f;--red:#ff9a8f;--red-soft:#4a1a16;--amber:#f3c069;--amber-soft:#46330f}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 -apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:28px;line-height:1.25;margin:0 0 6px}h2{font-size:19px;margin:0 0 10px}h3{font-size:15px;margin:16px 0 6px;color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px;margin:16px 0}
.banner{border-left:8px solid var(--blue)}.banner p{margin:0;font-size:17px}
.good{border-left-color:var(--green);background:var(--green-soft)}.bad{border-left-color:var(--red);background:var(--red-soft)}.care{border-left-color:var(--amber);background:var(--amber-soft)}
.kicker{color:var(--soft);font-size:14px;margin:0 0 4px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 18px;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-weight:600}
.hint{color:var(--soft);font-size:14px;margin:0 0 10px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600;font-size:14px}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}td.code{font-family:ui-monospace,Consolas,monospace;font-size:14px}
.ok{color:var(--green);font-weight:600}.off{color:var(--red);font-weight:600}
ul{margin:0;padding-left:20px}li{overflow-wrap:anywhere}
svg{display:block;max-width:none}svg text{fill:var(--ink);font:13px -apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",Arial,sans-serif}
svg .soft{fill:var(--soft);font-size:12px}svg .grid{stroke:var(--line)}svg .bar{fill:var(--blue)}svg .bar.failed{fill:var(--red)}svg .plan{stroke:var(--amber);stroke-width:3}
svg .state{fill:var(--card);stroke:var(--line);stroke-width:1.5}svg .state.taken{fill:var(--blue-soft);stroke:var(--blue)}svg .state.failed{fill:var(--red-soft);stroke:var(--red)}svg .group{fill:none;stroke:var(--line);stroke-dasharray:5 4}svg .group.taken{stroke:var(--blue)}
svg .edge{fill:none;stroke:var(--line);stroke-width:1.5}svg .edge.taken{stroke:var(--blue);stroke-width:2}svg .edge.caught{stroke:var(--red);stroke-width:2;stroke-dasharray:5 4}
@media (max-width:560px){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}h1{font-size:23px}section{padding:14px}}
@media print{body{background:#fff}section{break-inside:avoid}}
`;
