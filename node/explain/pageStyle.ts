/** Style of the explain page: light and dark, from one palette. */

export const EXPLAIN_STYLE: string = `
:root { color-scheme: light dark; --bg: #fbfbfa; --panel: #ffffff; --text: #1c1f1e; --soft: #5a625f;
  --line: #d9dedb; --accent: #0a6b45; --hot: #b3400b; --node: #dfe9e4; --edge: #8b9691;
  --lane: #7fb59d; --lane-hot: #e08a5a; }
@media (prefers-color-scheme: dark) { :root { --bg: #141716; --panel: #1c201e; --text: #e7ebe9;
  --soft: #a4aea9; --line: #333a37; --accent: #4fd6a0; --hot: #ff9a62; --node: #2b3732;
  --edge: #77827d; --lane: #37745b; --lane-hot: #a85c2f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 14px/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; padding: 8px 16px;
  border-bottom: 1px solid var(--line); background: var(--panel); position: sticky; top: 0; z-index: 2; }
h1 { font-size: 16px; margin: 0 12px 0 0; }
h2 { font-size: 14px; margin: 0 0 6px; }
form { display: flex; gap: 6px; margin: 0; flex: 1; min-width: 220px; }
input, textarea, select, button { font: inherit; color: inherit; background: var(--bg);
  border: 1px solid var(--line); border-radius: 4px; padding: 3px 8px; }
header input { flex: 1; min-width: 120px; font-family: ui-monospace, monospace; }
button { cursor: pointer; border-color: var(--accent); }
button[aria-pressed=true] { background: var(--accent); color: var(--bg); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.body { display: grid; grid-template-columns: 230px minmax(0, 1fr); }
nav { border-right: 1px solid var(--line); padding: 8px; max-height: calc(100vh - 50px);
  overflow: auto; position: sticky; top: 50px; }
nav a { display: flex; justify-content: space-between; gap: 8px; padding: 3px 8px; color: inherit;
  text-decoration: none; border-radius: 4px; }
nav a:hover, nav a[aria-current=true] { background: var(--node); }
nav small { color: var(--soft); white-space: nowrap; }
main { padding: 12px 16px 40px; min-width: 0; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  padding: 10px 14px; margin: 0 0 12px; min-width: 0; }
.tiles { display: flex; flex-wrap: wrap; gap: 6px 26px; }
.tiles div { min-width: 80px; }
.tiles b { display: block; font-size: 20px; font-weight: 600; line-height: 1.3; }
.tiles span, .soft { color: var(--soft); }
.scroll { overflow: auto; max-height: 520px; }
ul.why { margin: 0; padding-left: 18px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
code, .id { font-family: ui-monospace, monospace; font-size: 12.5px; overflow-wrap: anywhere; }
a { color: var(--accent); }
svg { display: block; }
svg text { fill: var(--text); font: 11px ui-monospace, monospace; pointer-events: none; }
svg .node { fill: var(--node); stroke: var(--edge); cursor: pointer; }
svg .node.critical { stroke: var(--hot); stroke-width: 2.5; }
svg .node.failed { stroke-dasharray: 3 2; }
svg .node.chosen, svg .node:focus-visible { fill: var(--accent); outline: none; }
svg g.chosen text { fill: var(--bg); }
svg .edge { fill: none; stroke: var(--edge); stroke-width: 1.2; }
svg .edge.critical { stroke: var(--hot); stroke-width: 2; }
svg .lane { fill: var(--lane); stroke: var(--panel); stroke-width: .5; cursor: pointer; }
svg .lane.critical { fill: var(--lane-hot); }
svg .grid { stroke: var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--soft); margin: 4px 0 8px; }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 5px;
  vertical-align: -1px; background: var(--node); border: 1px solid var(--edge); }
.legend i.critical { border: 2px solid var(--hot); }
.row { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 6px 0; }
.row label { display: flex; gap: 6px; align-items: center; flex: 1 1 240px; }
.row label input { flex: 1; min-width: 80px; }
.error { color: var(--hot); }
@media (max-width: 800px) { .body { grid-template-columns: minmax(0, 1fr); }
  nav { position: static; max-height: 140px; border-right: 0; border-bottom: 1px solid var(--line); } }
`;
