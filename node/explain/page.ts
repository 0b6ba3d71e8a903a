/**
 * The explain page: blocks, transactions and the pool as graph, timeline and reasons. One text, no
 * dependency, works offline; reads the routes of `routes.ts`.
 */
import { EXPLAIN_SCRIPT } from './pageScript.ts';
import { EXPLAIN_STYLE } from './pageStyle.ts';

export const EXPLAIN_PAGE_HTML: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Parallelism</title>
<link rel="icon" href="data:,">
<style>${EXPLAIN_STYLE}</style>
</head>
<body>
<header>
<h1>Parallelism</h1>
<form id="go" role="search">
<input id="which" aria-label="Block height or id, or transaction id" title="key: /"
 placeholder="block height, or transaction id">
<button>Show</button>
</form>
<button id="before" type="button" title="key: p">Previous</button>
<button id="after" type="button" title="key: n">Next</button>
<button id="follow" type="button" aria-pressed="false">Follow</button>
<a href="#pool">Pool</a>
<a href="/v1/playground">GraphQL</a>
</header>
<div class="body">
<nav id="blocks" aria-label="Recent blocks"></nav>
<main id="view" aria-live="polite"><p class="soft">Loading …</p></main>
</div>
<script>${EXPLAIN_SCRIPT}</script>
</body>
</html>
`;
