/** Pages of a list, walked through both ways against a list that answers as the API does. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  PAGE_ROWS,
  type PageInfo,
  pageArgs,
  pageOf,
} from '../../../../node/explorer/page/paging.ts';

const COUNT = 2 * PAGE_ROWS + 7;
const ROWS = Array.from({ length: COUNT }, (_, n) => n);

/** A connection: with `last` the rows come from the end, and the cursors are of walking order. */
function api(args: Record<string, string | number | null>): {
  pageInfo: PageInfo;
  nodes: number[];
} {
  const { first, after, last, before } = args;
  assert.ok((first === null) !== (last === null), 'one direction');
  assert.ok(first === null ? after === null : before === null);
  const way = first === null ? [...ROWS].reverse() : ROWS;
  const cursor = first === null ? before : after;
  const from = cursor === null ? 0 : way.indexOf(Number(cursor)) + 1;
  const count = Number(first ?? last);
  const nodes = way.slice(from, from + count);
  const text = (row: number | undefined): string | null => (row === undefined ? null : String(row));
  const hasNextPage = from + count < way.length;
  return {
    pageInfo: { hasNextPage, startCursor: text(nodes[0]), endCursor: text(nodes.at(-1)) },
    nodes,
  };
}

for (const newestFirst of [false, true]) {
  it(`forth and back again, ${newestFirst ? 'newest' : 'oldest'} first`, () => {
    const list = newestFirst ? [...ROWS].reverse() : ROWS;
    const show = (place: string | null) => {
      const search = new URLSearchParams(place === null ? {} : { page: place });
      return pageOf(search, api(pageArgs(search, newestFirst)));
    };
    const one = show(null);
    assert.deepEqual(one.nodes, list.slice(0, PAGE_ROWS));
    assert.equal(one.previous, null);
    const two = show(one.next);
    assert.deepEqual(two.nodes, list.slice(PAGE_ROWS, 2 * PAGE_ROWS));
    const three = show(two.next);
    assert.deepEqual(three.nodes, list.slice(2 * PAGE_ROWS));
    assert.equal(three.next, null);
    const twoAgain = show(three.previous);
    assert.deepEqual(twoAgain.nodes, two.nodes);
    assert.equal(twoAgain.next, two.next);
    const oneAgain = show(twoAgain.previous);
    assert.deepEqual(oneAgain.nodes, one.nodes);
    assert.deepEqual([oneAgain.previous, oneAgain.next], [null, one.next]);
  });
}

it('several lists of one query have their own variables and places', () => {
  const search = new URLSearchParams({ coins: '~0x12', page: '7' });
  assert.deepEqual(
    { ...pageArgs(search, false, 'coins', 'coins'), ...pageArgs(search, true, 'page', 'history') },
    {
      coinsFirst: null,
      coinsAfter: null,
      coinsLast: PAGE_ROWS,
      coinsBefore: '0x12',
      historyFirst: null,
      historyAfter: null,
      historyLast: PAGE_ROWS,
      historyBefore: '7',
    },
  );
});
