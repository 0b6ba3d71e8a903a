/**
 * A page to try queries: one text, no dependency, works offline. Queries go to `/v1/graphql`,
 * subscriptions to `/v1/graphql-sub`; the explorer reads the schema by introspection.
 */

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #0a7d4f; }
@media (prefers-color-scheme: dark) { :root { --accent: #3ddc97; } }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: grid; grid-template-rows: auto 1fr;
  font: 14px/1.5 system-ui, sans-serif; }
header { display: flex; gap: 12px; align-items: center; padding: 8px 12px;
  border-bottom: 1px solid var(--line); }
h1 { font-size: 15px; margin: 0; }
header a { color: inherit; margin-right: auto; }
main { display: grid; grid-template-columns: 1fr 1fr 280px; min-height: 0; }
section { display: flex; flex-direction: column; min-height: 0; min-width: 0;
  border-right: 1px solid var(--line); }
label { padding: 6px 12px; opacity: .7; }
textarea, pre { flex: 1; margin: 0; padding: 8px 12px; border: 0; resize: none; overflow: auto;
  font: 13px/1.5 ui-monospace, monospace; background: transparent; color: inherit;
  white-space: pre-wrap; overflow-wrap: anywhere; }
#variables { flex: 0 0 110px; border-top: 1px solid var(--line); }
textarea:focus-visible, button:focus-visible, summary:focus-visible, input:focus-visible {
  outline: 2px solid var(--accent); outline-offset: -2px; }
button { padding: 4px 14px; border: 1px solid var(--accent); border-radius: 4px;
  background: transparent; color: inherit; font: inherit; cursor: pointer; }
#run { background: var(--accent); color: Canvas; font-weight: 600; }
#explorer { overflow: auto; padding: 8px 12px; }
#explorer input { width: 100%; padding: 4px 8px; font: inherit; }
summary { cursor: pointer; font-weight: 600; }
ul { list-style: none; margin: 4px 0 8px; padding: 0 0 0 10px; }
li { overflow-wrap: anywhere; } li i { opacity: .65; font-style: normal; }
@media (max-width: 900px) { main { grid-template-columns: 1fr; overflow: auto; }
  section { min-height: 300px; border-bottom: 1px solid var(--line); } }
`;

const SCRIPT = `
const $ = (id) => document.getElementById(id);
const example = '{\\n  nodeInfo { nodeVersion }\\n  chain {\\n    name\\n' +
  '    latestBlock { height id transactions { id } }\\n  }\\n}\\n';
$('query').value = sessionStorage.getItem('query') || example;
$('variables').value = sessionStorage.getItem('variables') || '';
let stream = null;
const show = (text) => { $('result').textContent = text; };
const pretty = (text) => {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
};
function bodyOf() {
  const query = $('query').value, variables = $('variables').value.trim();
  sessionStorage.setItem('query', query);
  sessionStorage.setItem('variables', variables);
  return JSON.stringify({ query, variables: variables ? JSON.parse(variables) : null });
}
const post = (path, body, signal) => fetch(path, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });
async function runStream(body) {
  stream = new AbortController();
  const reader = (await post('/v1/graphql-sub', body, stream.signal)).body
    .pipeThrough(new TextDecoderStream()).getReader();
  let rest = '', shown = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const frames = (rest + value).split('\\n\\n');
    rest = frames.pop();
    for (const frame of frames) {
      if (frame.startsWith('data:')) show(shown += pretty(frame.slice(5)) + '\\n');
    }
  }
}
async function run() {
  stop();
  show('…');
  try {
    const body = bodyOf();
    if (/^\\s*subscription\\b/m.test($('query').value)) await runStream(body);
    else show(pretty(await (await post('/v1/graphql', body)).text()));
  } catch (error) {
    if (error.name !== 'AbortError') show(String(error));
  }
}
function stop() { if (stream) stream.abort(); stream = null; }
$('run').onclick = run;
$('stop').onclick = stop;
addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});
const introspection = '{ __schema { types { kind name enumValues { name } possibleTypes { name }' +
  ' inputFields { name type { ...T } } fields { name args { name type { ...T } }' +
  ' type { ...T } } } } } fragment T on __Type { kind name ofType { kind name' +
  ' ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } }';
const typeText = (type) => type.kind === 'NON_NULL' ? typeText(type.ofType) + '!'
  : type.kind === 'LIST' ? '[' + typeText(type.ofType) + ']' : type.name;
function memberText(field) {
  const args = field.args && field.args.length
    ? '(' + field.args.map((a) => a.name + ': ' + typeText(a.type)).join(', ') + ')' : '';
  return [field.name, args + (field.type ? ': ' + typeText(field.type) : '')];
}
function drawTypes(types, filter) {
  const list = $('types');
  list.replaceChildren();
  const wanted = filter.toLowerCase();
  for (const type of types) {
    const members = type.fields || type.inputFields || type.enumValues || type.possibleTypes || [];
    const hit = type.name.toLowerCase().includes(wanted);
    const shown = hit ? members : members.filter((m) => m.name.toLowerCase().includes(wanted));
    if (!hit && !shown.length) continue;
    const details = document.createElement('details');
    details.open = type.name === 'Query' || (wanted !== '' && shown.length < 20);
    const summary = document.createElement('summary');
    summary.textContent = type.name;
    const ul = document.createElement('ul');
    for (const member of shown) {
      const li = document.createElement('li');
      const [name, rest] = memberText(member);
      const i = document.createElement('i');
      i.textContent = rest;
      li.append(name, i);
      ul.append(li);
    }
    details.append(summary, ul);
    list.append(details);
  }
}
const ROOTS = ['Query', 'Mutation', 'Subscription'];
post('/v1/graphql', JSON.stringify({ query: introspection })).then((r) => r.json()).then((r) => {
  const rank = (type) => ROOTS.includes(type.name) ? ROOTS.indexOf(type.name) : 3;
  const types = r.data.__schema.types.filter((t) => !t.name.startsWith('__'))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  drawTypes(types, '');
  $('filter').oninput = () => drawTypes(types, $('filter').value);
}).catch((error) => { $('types').textContent = String(error); });
`;

export const PLAYGROUND_HTML: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphQL playground</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>GraphQL playground</h1>
<a href="/explorer">Explorer</a>
<button id="stop" type="button">Stop stream</button>
<button id="run" type="button" title="Ctrl+Enter">Run</button>
</header>
<main>
<section>
<label for="query">Query</label>
<textarea id="query" spellcheck="false"></textarea>
<label for="variables">Variables (JSON)</label>
<textarea id="variables" spellcheck="false"></textarea>
</section>
<section>
<label for="result">Response</label>
<pre id="result" aria-live="polite" tabindex="0"></pre>
</section>
<div id="explorer">
<input id="filter" type="search" placeholder="Search the schema" aria-label="Search the schema">
<div id="types"></div>
</div>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
