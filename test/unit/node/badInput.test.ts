/**
 * Damaged input to a whole node: each request gets an answer in time, no answer shows a broken
 * invariant, memory stays bounded, and the node works afterwards.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { callOf, counterContract } from '../../../bench/data.ts';
import { bytesToHex, hexToBytes } from '../../../primitives/bytes.ts';
import { createNode, type EmbeddedNode } from '../../../sdk/createNode.ts';
import { randomOf } from '../../support/chainMaker.ts';
import { dataFile } from '../../support/dataFile.ts';
import { coinOf, fundedChain, keyOf, roomyParams, transferOf } from '../../support/funded.ts';
import { mutateBytes, seedOf } from '../../support/mutate.ts';
import { until } from '../../support/until.ts';

const ANSWER_MS_MAX = 20_000;
const GROWTH_BYTES_MAX = 500 * 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
/** What only a mistake of ours says. */
const INTERNAL =
  /assertion failed|Cannot (read|set|convert|mix)|is not (a function|iterable|defined)|undefined|Maximum call stack|Invalid array|out of range|not a safe/;

const params = roomyParams();
const contract = counterContract(0);
const coins = Array.from({ length: 50 }, (_, n) => coinOf(n));
let node: EmbeddedNode;

before(async () => {
  node = await createNode({ snapshot: fundedChain(coins, [contract], params), workerCount: 0 });
});
after(() => node.close());

function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`no answer within ${ANSWER_MS_MAX} ms: ${what}`));
    const timer = setTimeout(late, ANSWER_MS_MAX);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function send(
  body: string,
  path: string = '/v1/graphql',
  headers: Readonly<Record<string, string>> = JSON_TYPE,
): Promise<{ status: number; text: string }> {
  const url = new URL(path, node.url);
  const ask = async (): Promise<{ status: number; text: string }> => {
    const answer = await node.fetch(url, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  };
  return await inTime(ask(), body.slice(0, 300));
}

/** @returns the answer's JSON */
async function ask(query: string, variables: object = {}): Promise<Record<string, any>> {
  const body = JSON.stringify({ query, variables });
  const { status, text } = await send(body);
  assert.equal(status, 200, `${text} to ${body.slice(0, 2000)}`);
  assert.doesNotMatch(text, INTERNAL, `to ${body.slice(0, 4000)}`);
  const answer = JSON.parse(text) as Record<string, any>;
  assert.ok(answer['data'] !== null || answer['errors'].length > 0);
  return answer;
}

async function stillWorks(coin: number): Promise<void> {
  const { raw, id } = transferOf(coinOf(coin), keyOf(9).address, 5n, params);
  const query = 'mutation($tx:HexString!){submit(tx:$tx){id}}';
  const answer = await ask(query, { tx: bytesToHex(raw) });
  assert.deepEqual(answer['data'], { submit: { id } });
  const status = 'query($id:TransactionId!){transaction(id:$id){status{__typename}}}';
  await until('a good transaction gets into a block', async () => {
    const { data } = await ask(status, { id });
    return data['transaction']?.status?.__typename === 'SuccessStatus';
  });
}

/** Valid transactions of every kind: recorded ones, and ones that this chain would accept. */
function goodTransactions(): Uint8Array[] {
  const lines = gunzipSync(readFileSync(dataFile('vectors/tx.jsonl.gz')))
    .toString()
    .trim();
  const recorded = lines.split('\n').map((line) => {
    const { request } = JSON.parse(line) as { request: { hex: string } };
    return hexToBytes(request.hex);
  });
  const one = new Uint8Array(8);
  const call = callOf(coinOf(40), contract.id, 'increment', one, params);
  const send = transferOf(coinOf(41), keyOf(1).address, 5n, params);
  // Ours as often as recorded ones: they get further before they are refused.
  return [...recorded.slice(0, 60), ...Array(30).fill(call.raw), ...Array(30).fill(send.raw)];
}

const OPERATIONS: readonly string[] = [
  'mutation($tx:HexString!){submit(tx:$tx){id}}',
  'mutation($tx:HexString!){submit(tx:$tx,estimatePredicates:true){id}}',
  `query($tx:HexString!){dryRun(txs:[$tx]){id status{__typename} receipts{receiptType}
    transaction{rawPayload inputs{__typename} outputs{__typename}}}}`,
  'query($tx:HexString!){dryRun(txs:[$tx],utxoValidation:false,gasPrice:"1"){id}}',
  'query($tx:HexString!){estimatePredicates(tx:$tx){rawPayload}}',
  `query($tx:HexString!){assembleTx(tx:$tx,blockHorizon:"1",requiredBalances:[],
    feeAddressIndex:"0"){gasPrice}}`,
];

test('damaged transactions are answered', async () => {
  const random = randomOf(seedOf('damaged transactions', 20_261_121));
  const good = goodTransactions();
  const rssBefore = process.memoryUsage.rss();
  for (let i = 0; i < 600; i++) {
    const bytes = mutateBytes(good[random(good.length)] as Uint8Array, random);
    await ask(OPERATIONS[i % OPERATIONS.length] as string, { tx: bytesToHex(bytes) });
  }
  const growth = process.memoryUsage.rss() - rssBefore;
  assert.ok(growth < GROWTH_BYTES_MAX, `memory grew by ${growth} bytes`);
  await stillWorks(0);
});

test('transactions cut off anywhere are refused with a reason', async () => {
  const { raw } = callOf(coinOf(42), contract.id, 'increment', new Uint8Array(8), params);
  for (let length = 0; length < raw.length; length += 7) {
    const tx = bytesToHex(raw.subarray(0, length));
    const answer = await ask(OPERATIONS[0] as string, { tx });
    assert.equal(answer['errors'].length, 1);
    assert.ok(answer['errors'][0].message.length > 0);
  }
  await stillWorks(1);
});

test('damaged bodies get an HTTP error or a GraphQL error', async () => {
  const random = randomOf(seedOf('damaged bodies', 7));
  const query = '{chain{name latestBlock{height header{time}} daHeight} nodeInfo{maxTx}}';
  const good = new TextEncoder().encode(JSON.stringify({ query, variables: { a: 1 } }));
  for (let i = 0; i < 400; i++) {
    const body = Buffer.from(mutateBytes(good, random)).toString('latin1');
    const { status, text } = await send(body);
    assert.ok([200, 400, 413, 415, 422].includes(status), `${status} ${text} to ${body}`);
    assert.doesNotMatch(text, INTERNAL, body);
    if (status === 200) JSON.parse(text);
  }
  for (const body of ['', 'null', '[]', '1', '"x"', '{', '{}', '[{}]', '\u0000', '{"query":1}']) {
    const { status } = await send(body);
    assert.ok([200, 400, 422].includes(status), `${status} to ${body}`);
  }
  assert.equal((await send('{}', '/v1/graphql', { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await send('{}', '/v1/nothing')).status, 404);
  await stillWorks(2);
});

test('queries too large or too deep are refused', async () => {
  const deep = (levels: number, field: string): string =>
    `{${`${field}{`.repeat(levels)}__typename${'}'.repeat(levels)}}`;
  const cases = [
    deep(50, 'chain'),
    deep(5_000, 'chain'),
    deep(100_000, 'a'),
    `{${'chain{name} '.repeat(20_000)}}`,
    `{${Array.from({ length: 5_000 }, (_, i) => `a${i}:chain{name}`).join(' ')}}`,
    `query{chain{name${' @include(if:true)'.repeat(2_000)}}}`,
    `{block(height:"${'9'.repeat(10_000)}"){height}}`,
    `query($a:${'['.repeat(10_000)}Int${']'.repeat(10_000)}){chain{name}}`,
    `{chain(x:${'['.repeat(10_000)}${']'.repeat(10_000)}){name}}`,
    'fragment A on Query{...B} fragment B on Query{...A} {...A}',
    `{coins(filter:{owner:"0x00"},first:2147483647){nodes{amount}}}`,
    `{blocks(first:-1){nodes{height}}}`,
    `{blocks(first:1,last:1){nodes{height}}}`,
    `{transactions(first:5,after:"${'f'.repeat(5_000)}"){nodes{id}}}`,
  ];
  for (const query of cases) {
    const { status, text } = await send(JSON.stringify({ query }));
    assert.equal(status, 200, text);
    const answer = JSON.parse(text) as { errors?: unknown[]; data: unknown };
    const allowed = query.startsWith('{chain{name} chain');
    assert.ok(allowed || (answer.errors?.length ?? 0) > 0, `accepted: ${query.slice(0, 80)}`);
  }
  const huge = `{chain{name}}${' '.repeat(1_100_000)}`;
  assert.equal((await send(JSON.stringify({ query: huge }))).status, 413);
  await stillWorks(3);
});

test('junk where scalars belong is refused by name', async () => {
  const junk = ['', '0x', 'zz', '-1', '1e3', '0x1', ' 1', '١', 'null', '9'.repeat(40), '\u0000'];
  const queries: readonly (readonly [type: string, field: string])[] = [
    ['TransactionId!', 'transaction(id:$x){id}'],
    ['BlockId!', 'block(id:$x){id}'],
    ['U32!', 'block(height:$x){id}'],
    ['Address!', 'coins(filter:{owner:$x},first:1){nodes{utxoId}}'],
    ['UtxoId!', 'coin(utxoId:$x){amount}'],
    ['ContractId!', 'contract(id:$x){id}'],
    ['Nonce!', 'message(nonce:$x){amount}'],
    ['HexString!', 'estimatePredicates(tx:$x){id}'],
    ['U32!', 'estimateGasPrice(blockHorizon:$x){gasPrice}'],
    ['Address!', 'transactionsByOwner(owner:$x,first:1){nodes{id}}'],
  ];
  for (const [type, field] of queries) {
    for (const x of [...junk, 1, -1, 1.5, true, null, [], {}, 2 ** 60]) {
      await ask(`query($x:${type}){${field}}`, { x });
    }
  }
});

test('streams: junk ends with an error event', async () => {
  const random = randomOf(seedOf('streams', 11));
  const stream = (query: string, variables: object = {}): ReturnType<typeof send> =>
    send(JSON.stringify({ query, variables }), '/v1/graphql-sub');
  const submit = 'subscription($tx:HexString!){submitAndAwait(tx:$tx){__typename}}';
  const status = `subscription($tx:HexString!){
    submitAndAwaitStatus(tx:$tx,includePreconfirmation:true){__typename}}`;
  const good = goodTransactions();
  for (let i = 0; i < 60; i++) {
    const bytes = mutateBytes(good[random(good.length)] as Uint8Array, random);
    const { text } = await stream(i % 2 === 0 ? submit : status, { tx: bytesToHex(bytes) });
    assert.match(text, /^data:.*\n\n/);
    assert.doesNotMatch(text, INTERNAL);
  }
  for (const query of ['', '{', 'subscription{nothing}', 'subscription{statusChange(id:"zz")}']) {
    const { text } = await stream(query);
    assert.match(text, /^data:.*"errors"/, query);
  }
  assert.equal((await send('[[[', '/v1/graphql-sub')).status, 400);
  await stillWorks(4);
});
