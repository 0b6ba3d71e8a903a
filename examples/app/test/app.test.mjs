/** The application as a whole: node, contract and page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from '../start.mjs';

test('the page counts', async () => {
  const app = await startApp({ port: 0 });
  try {
    assert.match(await (await fetch(app.url)).text(), /<title>Counter/);
    const count = async (path, method) =>
      (await (await fetch(app.url + path, { method })).json()).count;
    assert.equal(await count('/count', 'GET'), '0');
    assert.equal(await count('/increment', 'POST'), '1');
    assert.equal(await count('/count', 'GET'), '1');
  } finally {
    await app.close();
  }
});
