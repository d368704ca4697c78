/** Inline, so that the file opens anywhere without a network; light and dark, screen and print, wide and narrow. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f3f5f8;--card:#fff;--ink:#141c28;--soft:#515c6b;--line:#d5dbe4;--lane:#eef1f5;--quiet:#8f9aa9;--blue:#1d5fd1;--blue-soft:#dfe9fd;--green:#12692f;--green-soft:#e0f4e6;--red:#b3211a;--red-soft:#fde6e3;--amber:#8a5200;--amber-soft:#fff1d9;--plan:#c98a1b}
@media screen and (prefers-color-scheme:dark){:root{--bg:#0f141a;--card:#19202a;--ink:#e9eef5;--soft:#a7b3c2;--line:#36414f;--lane:#222b37;--quiet:#77859a;--blue:#7eb1ff;--blue-soft:#1b3257;--green:#7bd99b;--green-soft:#11331d;--red:#ff9c91;--red-soft:#481a17;--amber:#f2c26b;--amber-soft:#42300f;--plan:#d9a441}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 -apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",Arial,sans-serif;-webkit-text-size-adjust:100%;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:1120px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:30px;line-height:1.2;margin:0 0 6px;display:flex;align-items:center;gap:12px}h2{font-size:19px;line-height:1.3;margin:0 0 10px}h3{font-size:15px;margin:18px 0 6px;color:var(--soft)}
p{margin:0 0 10px;overflow-wrap:anywhere}small{font-size:13px;color:var(--soft);font-weight:400}
section,.banner{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;margin:16px 0}
.banner{border-left:10px solid var(--tone);background:var(--tint)}
.good{--tone:var(--green);--tint:var(--green-soft)}.care{--tone:var(--amber);--tint:var(--amber-soft)}.bad{--tone:var(--red);--tint:var(--red-soft)}.plain{--tone:var(--ink)}
.kicker{color:var(--soft);font-size:14px;margin:0 0 6px}.sentence{font-size:17px;margin:0 0 14px}
.sign{flex:none;width:38px;height:38px;border-radius:50%;background:var(--tone);color:var(--card);display:inline-flex;align-items:center;justify-content:center;font-size:22px}
.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:10px;margin:0}
.tile{display:block;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px}.tile dt{font-size:13px}.tile dd{font-size:18px;line-height:1.3;font-weight:700;color:var(--tone)}
.to-do{margin:14px 0 0;padding-left:24px}.to-do li{margin:6px 0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:16px;align-items:start;margin:16px 0}.pair section{margin:0;min-width:0}
dl{margin:0}dl>div{display:grid;grid-template-columns:minmax(110px,150px) minmax(0,1fr);gap:4px 14px;padding:3px 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-weight:600}
.tiles>.tile{display:block}
.hint,.soft{color:var(--soft);font-size:14px}
.scroll{overflow-x:auto}.scroll:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
.scroll+p,dl+p{margin-top:12px}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}thead th{color:var(--soft);font-weight:600;font-size:14px;white-space:nowrap}tbody th{overflow-wrap:anywhere;min-width:150px}table code{white-space:nowrap}tr.bad>*{background:var(--red-soft)}tr.bad>:first-child{padding-left:8px}
.number{text-align:right;font-variant-numeric:tabular-nums}
code{font:14px/1.5 ui-monospace,"Cascadia Mono",Consolas,"Noto Sans Mono CJK SC",monospace;overflow-wrap:anywhere}.error{font-size:17px;font-weight:700;color:var(--red)}
.ok{color:var(--green);font-weight:600;white-space:nowrap}.off{color:var(--red);font-weight:600}.remedy{color:var(--soft)}
ul,ol{margin:0;padding-left:22px}li{overflow-wrap:anywhere;margin:3px 0}.reasons li{margin:8px 0}
svg{display:block}
.timeline{position:relative;--name:210px;--took:190px}
.timeline ol{list-style:none;padding:0}
.timeline li{display:grid;grid-template-columns:var(--name) minmax(0,1fr) var(--took);gap:0 12px;align-items:center;margin:0}
.timeline .name{font-size:15px;line-height:1.25}.took{font-size:14px;line-height:1.2;padding:3px 0}.took small{display:block;font-size:12.5px}
.lane{width:100%;align-self:stretch;height:100%;min-height:34px;background:var(--lane)}
.timeline li:first-child .lane{border-radius:6px 6px 0 0}.timeline li:last-child .lane{border-radius:0 0 6px 6px}
.lane line{vector-effect:non-scaling-stroke;stroke:var(--line);stroke-width:1}.lane .moment{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:3 3}
.lane .bar{fill:var(--blue)}.lane .bar.failed{fill:var(--red)}.lane .bar.running{opacity:.6}.lane .planned{fill:var(--plan)}
.timeline li.failed .name,.timeline li.failed small{color:var(--red)}
.axis{position:relative;height:22px;margin-left:calc(var(--name) + 12px);margin-right:calc(var(--took) + 12px);font-size:12.5px;color:var(--soft);font-variant-numeric:tabular-nums}
.axis span{position:absolute;transform:translateX(-50%);white-space:nowrap}.axis .first{transform:none}.axis .last{transform:translateX(-100%)}.axis.moments span{transform:translateX(-4px);color:var(--ink)}.axis.moments span::before{content:"▲ ";font-size:10px}.axis.moments .left{transform:translateX(calc(-100% + 4px))}.axis.moments .left::before{content:""}.axis.moments .left::after{content:" ▲";font-size:10px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:0 0 10px;font-size:14px;color:var(--soft)}.legend li{display:flex;align-items:center;gap:7px}
.key{width:18px;height:12px;border-radius:3px;border:1.5px solid var(--quiet)}.key.taken{background:var(--blue-soft);border-color:var(--blue)}.key.failed{background:var(--red-soft);border-color:var(--red)}.key.caught{height:0;border:0;border-top:2px dashed var(--red);border-radius:0}
.machine svg{width:100%;max-width:980px;height:auto;margin:0 auto}
.machine text{fill:var(--soft);font:13px -apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",Arial,sans-serif}.machine text.taken,.machine text.failed{fill:var(--ink);font-weight:600}.machine text.soft{font-size:12.5px}
.state{fill:var(--card);stroke:var(--quiet);stroke-width:1.5}.state.taken{fill:var(--blue-soft);stroke:var(--blue)}.state.failed{fill:var(--red-soft);stroke:var(--red);stroke-width:2}
.group{fill:var(--lane);fill-opacity:.5;stroke:var(--quiet);stroke-dasharray:5 4}.group.taken{stroke:var(--blue)}
.edge path{fill:none;stroke:var(--quiet);stroke-width:1.25}.edge .head{fill:var(--quiet);stroke:none}
.edge.taken path{stroke:var(--blue);stroke-width:2}.edge.taken .head{fill:var(--blue);stroke:none}
.edge.caught path{stroke:var(--red);stroke-width:2;stroke-dasharray:6 4}.edge.caught .head{fill:var(--red);stroke:none}
footer{color:var(--soft);font-size:14px;text-align:center}
a{color:var(--blue)}
@media (max-width:1100px){.axis .tick:nth-child(even){display:none}}
@media (max-width:860px){.pair{grid-template-columns:minmax(0,1fr)}
.timeline{--name:0px;--took:0px}.timeline li{grid-template-columns:1fr auto;gap:0 10px;padding:4px 0 0}.timeline .lane{grid-row:2;grid-column:1/-1;height:24px;min-height:24px}.took{text-align:right}.took small{display:inline}.axis{margin:0}}
@media (max-width:700px){main{padding:10px 10px 32px}h1{font-size:24px}section,.banner{padding:14px;border-radius:10px}.tiles{grid-template-columns:1fr;gap:8px}.tile{display:flex!important;justify-content:space-between;align-items:baseline;gap:12px}.tile dd{font-size:16px;text-align:right}
dl>div{grid-template-columns:1fr;gap:0;padding:4px 0}
table{font-size:14px}th,td{padding-right:8px}thead th{white-space:normal;min-width:44px}tbody th{min-width:84px}table code{font-size:12px;white-space:normal}

}
@media print{body{background:#fff;font-size:13px}main{max-width:none;padding:0}section,.banner{break-inside:avoid;border-radius:6px}.scroll{overflow:visible}}
`;
