import { Html } from './html.ts';

/** Text on its ground has a contrast of 4.5 or more in both schemes (WCAG 2.2, 1.4.3); colours never stand alone. */
export const style = new Html(`
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#1b2330;--soft:#566072;--line:#d5dae2;--way:#7d8899;
--email:#2f6fde;--sms:#b45309;--push:#15803d;--in-app:#9333ea;--webhook:#64748b;--decide:#b45309;--wait:#64748b;--end:#15803d;--gone:#b3261e}
@media (prefers-color-scheme:dark){:root{--ground:#12161d;--card:#1b212b;--ink:#e8ecf2;--soft:#a4afc0;--line:#343d4b;--way:#8792a5;
--email:#6ea0ff;--sms:#f0a14a;--push:#4ade80;--in-app:#c084fc;--webhook:#94a3b8;--decide:#f0a14a;--wait:#94a3b8;--end:#4ade80;--gone:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px}h2{font-size:20px;margin:0 0 8px}h3{font-size:15px;margin:18px 0 6px}
p{margin:4px 0 10px}header p{color:var(--soft)}p.kind{margin:0;text-transform:uppercase;letter-spacing:.08em;font-size:12px}
code{font:12px ui-monospace,"Liberation Mono",monospace;color:var(--soft)}h2 code{font-weight:400}
section,.tiles>div{background:var(--card);border:1px solid var(--line);border-radius:10px}
section{padding:18px 20px;margin:16px 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px;margin:16px 0}.tiles>div{padding:12px 16px}
dt{color:var(--soft);font-size:13px}dd{margin:0;font-size:26px;font-weight:650;line-height:1.25}dd small{display:block;font-size:13px;font-weight:400;color:var(--soft)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:0 32px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--soft);font-weight:600}tbody th{font-weight:500}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td small{color:var(--soft)}
tr.sum th,tr.sum td{font-weight:650}
.bars th{width:46%}.bar{width:32%}.bar span{display:block;height:12px;margin-top:5px;border-radius:3px;background:var(--email)}
ul.legend{list-style:none;display:flex;gap:18px;margin:0;padding:0;color:var(--soft)}.key{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px}
details{margin:8px 0}summary{cursor:pointer;color:var(--soft)}summary b{color:var(--ink)}
.trace{border-top:1px solid var(--line);padding-top:8px}.trace ol,.trace ul{margin:6px 0 6px 4px;padding-left:18px}.trace time{color:var(--soft);font-variant-numeric:tabular-nums;margin-right:8px}
svg{display:block;margin:0 auto;max-width:none}svg.days{width:100%;min-width:640px;height:auto}svg text{fill:var(--ink);font-size:12px}
.grid{stroke:var(--line)}.axis{fill:var(--soft);text-anchor:middle}.axis.end{text-anchor:end}.axis.number{fill:var(--ink)}
rect.email{fill:var(--email)}rect.sms{fill:var(--sms)}rect.push{fill:var(--push)}rect.in-app{fill:var(--in-app)}rect.webhook{fill:var(--webhook)}
.key.email{background:var(--email)}.key.sms{background:var(--sms)}.key.push{background:var(--push)}.key.in-app{background:var(--in-app)}.key.webhook{background:var(--webhook)}
.way{fill:none;stroke:var(--way)}.way.unused{stroke-dasharray:4 4;opacity:.6}.tip{fill:var(--way)}
.label rect{fill:var(--card)}.label text{text-anchor:middle;fill:var(--soft)}.label text.many{fill:var(--ink);font-weight:600}
.card{fill:var(--ground);stroke:var(--line)}.kind{fill:var(--wait)}
.box.message .kind{fill:var(--email)}.box.branch .kind,.box.split .kind,.box.wait-for .kind{fill:var(--decide)}
.box.webhook .kind,.box.task .kind,.box.emit .kind,.box.enroll .kind,.box.update .kind{fill:var(--in-app)}.box.start .kind,.box.end .kind,.box.exit .kind{fill:var(--end)}
svg text.title{font-weight:650;font-size:13px}svg text.visits{font-weight:650;font-size:13px;text-anchor:end}svg text.words{fill:var(--soft)}svg text.gone{fill:var(--gone)}svg text.still{fill:var(--soft);font-style:italic}
footer{color:var(--soft);font-size:13px}
@media print{body{background:#fff}section,.tiles>div{break-inside:avoid}}
`);
