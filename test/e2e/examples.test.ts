/** Every example of the README and of the documents runs, and so does the template. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createNode } from '../../sdk/createNode.ts';
import { copyExample, examplesOf, runNode, workplace } from '../support/examplesRun.ts';

const DOCUMENTS = ['README.md', 'docs/sdk.md'] as const;
/** What the examples say; a node of the test answers there. */
const NODE_ADDRESS = 'http://127.0.0.1:4000';
for (const document of DOCUMENTS) {
  const examples = examplesOf(document);
  test(`${document} has examples that are run`, () => assert.ok(examples.length > 0));
  for (const { line, code } of examples) {
    test(`${document}:${line}`, async () => {
      const place = workplace();
      const node = code.includes(NODE_ADDRESS) ? await createNode({ port: 0 }) : null;
      try {
        const address = node === null ? NODE_ADDRESS : new URL(node.url).origin;
        const file = join(place.dir, 'example.mjs');
        writeFileSync(file, code.replaceAll(NODE_ADDRESS, address));
        const { code: exit, output } = await runNode([file], place.dir);
        assert.equal(exit, 0, output);
      } finally {
        await node?.close();
        place.remove();
      }
    });
  }
}

test('the template: its own tests pass', async () => {
  const place = workplace();
  try {
    copyExample('app', place.dir);
    const args = ['--test', 'test/counter.test.mjs', 'test/app.test.mjs'];
    const { code, output } = await runNode(args, place.dir);
    assert.equal(code, 0, output);
    assert.match(output, /pass 3/);
  } finally {
    place.remove();
  }
});
