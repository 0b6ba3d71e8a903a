import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXPLAIN_PAGE_HTML } from '../../../../node/explain/page.ts';
import { EXPLAIN_SCRIPT } from '../../../../node/explain/pageScript.ts';
import { EXPLAIN_STYLE } from '../../../../node/explain/pageStyle.ts';
import { explainNode } from '../../../support/explainNode.ts';

const PAGE_BYTES_MAX = 100_000;

describe('explain page', () => {
  it('is served by the node, small, and asks nobody else', async () => {
    const { node } = await explainNode('transfers', { count: 1 });
    const ask = (method: string): ReturnType<typeof node.api.handle> =>
      node.api.handle({ path: '/explain', method, headers: {}, body: '' });
    const { status, headers, body } = await ask('GET');
    assert.equal(status, 200);
    assert.match(headers['content-type'] as string, /^text\/html/);
    assert.equal(body, EXPLAIN_PAGE_HTML);
    assert.equal((await ask('POST')).status, 405);
    await node.close();
    assert.ok(Buffer.byteLength(EXPLAIN_PAGE_HTML) < PAGE_BYTES_MAX);
    const addresses = EXPLAIN_PAGE_HTML.match(/https?:\/\/[^'"\s]+/g) ?? [];
    assert.deepEqual([...new Set(addresses)], ['http://www.w3.org/2000/svg']);
    assert.doesNotMatch(EXPLAIN_SCRIPT, /innerHTML|document\.write|eval\(/);
  });

  it('is a program that can be read', () => {
    assert.doesNotThrow(() => new Function(EXPLAIN_SCRIPT));
  });

  it('text stands out from its ground, light and dark', () => {
    const palettes = [
      ...EXPLAIN_STYLE.matchAll(
        /--bg: (#\w+);\s+--panel: (#\w+);\s+--text: (#\w+);\s+--soft: (#\w+);[\s\S]*?--accent: (#\w+);\s+--hot: (#\w+);/g,
      ),
    ];
    assert.equal(palettes.length, 2);
    for (const [, bg, panel, ...texts] of palettes) {
      for (const text of texts) {
        for (const ground of [bg, panel]) {
          assert.ok(contrast(text as string, ground as string) >= 4.5, `${text} on ${ground}`);
        }
      }
    }
  });
});

/** As WCAG 2 defines it. */
function contrast(a: string, b: string): number {
  const light = (color: string): number => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [x, y] = [light(a), light(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
