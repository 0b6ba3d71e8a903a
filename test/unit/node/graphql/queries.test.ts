import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApi } from '../../../../node/graphql/api.ts';
import { bytesToHex, hexToBytes } from '../../../../primitives/bytes.ts';
import { binaryRoot, verifyBinaryProof } from '../../../../primitives/merkle/binary.ts';
import type { B256 } from '../../../../primitives/types.ts';
import { encodeTx } from '../../../../tx/codec/transaction.ts';
import { messageId, txId } from '../../../../tx/id.ts';
import { standardParams } from '../../../../tx/paramsStandard.ts';
import type { MessageOutReceipt, Receipt } from '../../../../tx/receipt.ts';
import {
  addCoin,
  b256,
  fakeServices,
  plainScript,
  utxoKey,
} from '../../../support/fakeServices.ts';
import { ask, askApi } from '../../../support/graphqlClient.ts';

const OWNER = b256(5);
const BASE = b256(0);

test('every response tells the height and the versions', async () => {
  const fake = fakeServices();
  fake.store.addBlock([]);
  const answer = await ask(fake, '{ health }');
  assert.deepEqual(answer, {
    data: { health: true },
    extensions: {
      current_consensus_parameters_version: 0,
      current_fuel_block_height: 1,
      current_stf_version: 34,
    },
  });
  const failed = await ask(fake, '{ block { id } }');
  assert.equal(failed.extensions?.['current_fuel_block_height'], 1);
  assert.equal(failed.errors?.[0]?.message, 'Missing either id or height');
});

test('a required height that is far ahead is refused, a near one is awaited', async () => {
  const fake = fakeServices();
  const api = createApi(fake.services);
  const far = await askApi(api, '{ health }', null, { required_fuel_block_height: 11 });
  assert.equal(
    far.errors?.[0]?.message,
    'The required fuel block height is higher than the current block height. ' +
      'Required: 11, Current: 0',
  );
  assert.equal(far.extensions?.['fuel_block_height_precondition_failed'], true);
  const near = askApi(api, '{ health }', null, { required_fuel_block_height: 1 });
  fake.store.addBlock([]);
  fake.announce();
  assert.equal((await near).extensions?.['current_fuel_block_height'], 1);
  const none = await askApi(api, '{ health }', null, { required_fuel_block_height: null });
  assert.equal(none.errors, undefined);
});

test('a near height that does not come fails after the wait', async () => {
  const fake = fakeServices();
  const graphql = { ...fake.services.config.graphql, heightWaitMs: 5 };
  const services = { ...fake.services, config: { ...fake.services.config, graphql } };
  const api = createApi(services);
  const late = await askApi(api, '{ health }', null, { required_fuel_block_height: 1 });
  assert.equal(late.errors?.[0]?.message, 'Failed to wait for the required fuel block height');
});

test('`last` walks from the newest and keeps that order', async () => {
  const fake = fakeServices();
  for (let i = 0; i < 4; i++) fake.store.addBlock([]);
  const page = 'edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
  const { data } = await ask(
    fake,
    `{ a: blocks(last: 2) { ${page} } b: blocks(first: 2, after: "1") { ${page} }
       c: blocks(last: 5, before: "2") { ${page} } }`,
  );
  assert.deepEqual(data, {
    a: {
      edges: [{ cursor: '4' }, { cursor: '3' }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: '4', endCursor: '3' },
    },
    b: {
      edges: [{ cursor: '2' }, { cursor: '3' }],
      pageInfo: { hasNextPage: true, hasPreviousPage: true, startCursor: '2', endCursor: '3' },
    },
    c: {
      edges: [{ cursor: '1' }, { cursor: '0' }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: '1', endCursor: '0' },
    },
  });
});

test('page arguments that contradict each other', async () => {
  const fake = fakeServices();
  const api = createApi(fake.services);
  const texts: [string, string][] = [
    ['', 'The queries for the whole range is not supported'],
    ['(first: 1, last: 2)', 'Either first `1` or latest `2` elements, not both'],
    ['(last: 1, after: "3")', 'After `"3"` with last `1` elements is not supported'],
    ['(first: 1, before: "3")', 'Before `"3"` with first `1` elements is not supported'],
    ['(first: 1, after: "x")', 'invalid digit found in string'],
    ['(first: -1)', 'Query is too complex.'],
  ];
  for (const [args, text] of texts) {
    const { errors } = await askApi(api, `{ blocks${args} { edges { cursor } } }`);
    assert.equal(errors?.[0]?.message, text, args);
  }
});

test('transactions page by block and place', async () => {
  const fake = fakeServices();
  const txs = [1n, 2n, 3n].map((tip) => plainScript({ policies: { tip, maxFee: 9n } }));
  fake.store.addBlock([{ tx: txs[0]! }, { tx: txs[1]! }]);
  fake.store.addBlock([{ tx: txs[2]! }]);
  const ids = txs.map((tx) => txId(tx, 0n));
  const cursors = [`00000001#${ids[0]}`, `00000001#${ids[1]}`, `00000002#${ids[2]}`];
  const query = `query($after: String, $before: String, $first: Int, $last: Int) {
    transactions(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } }`;
  const page = async (variables: unknown): Promise<unknown> => {
    const { data } = await ask(fake, query, variables);
    const found = data?.['transactions'] as {
      edges: { cursor: string; node: { id: string } }[];
      pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean };
    };
    assert.deepEqual(
      found.edges.map((edge) => edge.cursor.split('#')[1]),
      found.edges.map((edge) => edge.node.id),
    );
    return [found.edges.map((edge) => edge.cursor), Object.values(found.pageInfo)];
  };
  assert.deepEqual(await page({ first: 2 }), [cursors.slice(0, 2), [true, false]]);
  assert.deepEqual(await page({ first: 5, after: cursors[0] }), [cursors.slice(1), [false, true]]);
  assert.deepEqual(await page({ last: 2 }), [
    [cursors[2], cursors[1]],
    [true, false],
  ]);
  const unknown = `00000001#${b256(1)}`;
  assert.deepEqual(await page({ first: 5, after: unknown }), [[], [false, false]]);
});

test('a committed transaction shows its parts, bytes and status', async () => {
  const fake = fakeServices();
  const tx = plainScript({ script: Uint8Array.of(0x24, 0, 0, 0), policies: { maxFee: 7n } });
  const receipts: Receipt[] = [
    {
      type: 'panic',
      id: b256(0),
      reason: 0x17,
      instruction: 0x2d000000,
      pc: 4n,
      is: 0n,
      contractId: b256(9),
    },
    { type: 'mint', subId: b256(1), contractId: b256(2), val: 3n, pc: 0n, is: 0n },
    { type: 'transferOut', id: b256(2), to: b256(3), amount: 4n, assetId: BASE, pc: 0n, is: 0n },
  ];
  fake.store.addBlock([{ tx, success: false, reason: 'ContractNotInInputs', receipts }]);
  const { data, errors } = await ask(
    fake,
    `query($id: TransactionId!) { transaction(id: $id) { isScript mintAmount script rawPayload
      inputs { __typename } policies { maxFee tip }
      status { ... on FailureStatus { reason blockHeight totalGas totalFee
        programState { returnType data }
        receipts { receiptType id to toAddress contractId reason subId val } } } } }`,
    { id: txId(tx, 0n) },
  );
  assert.equal(errors, undefined);
  const blank = {
    id: null,
    to: null,
    toAddress: null,
    contractId: null,
    reason: null,
    subId: null,
    val: null,
  };
  assert.deepEqual(data?.['transaction'], {
    isScript: true,
    mintAmount: null,
    script: '0x24000000',
    rawPayload: bytesToHex(encodeTx(tx)),
    inputs: [],
    policies: { maxFee: '7', tip: null },
    status: {
      reason: 'ContractNotInInputs',
      blockHeight: '1',
      totalGas: '700',
      totalFee: '7',
      programState: { returnType: 'RETURN', data: '0x0000000000000001' },
      receipts: [
        {
          ...blank,
          receiptType: 'PANIC',
          contractId: b256(9),
          reason: String((0x17n << 56n) | (0x2d000000n << 24n)),
        },
        { ...blank, receiptType: 'MINT', id: b256(2), subId: b256(1), val: '3' },
        { ...blank, receiptType: 'TRANSFER_OUT', id: b256(2), toAddress: b256(3) },
      ],
    },
  });
});

test('V7 gas costs are shown in the old form unless something new is selected', async () => {
  const fake = fakeServices();
  const { data } = await ask(
    fake,
    `{ old: chain { consensusParameters { ...P } }
       new: chain { consensusParameters { ...P gasCosts { storageWrite { __typename } } } } }
     fragment P on ConsensusParameters { version scriptParams { version }
       gasCosts { version srw modOp scwq { ... on HeavyOperation { base gasPerUnit } } } }`,
  );
  const free = { base: '0', gasPerUnit: '0' };
  const common = { version: 'V1', modOp: '1' };
  assert.deepEqual(data?.['old'], {
    consensusParameters: {
      version: 'V1',
      scriptParams: { version: 'V1' },
      gasCosts: { ...common, srw: '0', scwq: free },
    },
  });
  assert.deepEqual(data?.['new'], {
    consensusParameters: {
      version: 'V1',
      scriptParams: { version: 'V2' },
      gasCosts: {
        ...common,
        srw: null,
        scwq: null,
        storageWrite: { __typename: 'LightOperation' },
      },
    },
  });
});

test('every gas cost of the schema has a value in a V7 table, the dropped ones excepted', async () => {
  const fake = fakeServices();
  const meta = await ask(
    fake,
    '{ __type(name: "GasCosts") { fields { name type { name kind ofType { name } } } } }',
  );
  type Field = { name: string; type: { name: string | null; ofType: { name: string } | null } };
  const { fields } = meta.data!['__type'] as { fields: Field[] };
  const selection = fields.map((field) =>
    (field.type.name ?? field.type.ofType?.name) === 'DependentCost'
      ? `${field.name} { __typename }`
      : field.name,
  );
  const { data, errors } = await ask(fake, `{ chain { gasCosts { ${selection.join(' ')} } } }`);
  assert.equal(errors, undefined);
  const { gasCosts } = data!['chain'] as { gasCosts: Record<string, unknown> };
  const missing = Object.keys(gasCosts).filter((name) => gasCosts[name] === null);
  assert.deepEqual(missing.sort(), ['scwq', 'srw', 'srwq', 'sww', 'swwq']);
});

test('balances count coins and, for the base asset, messages without data', async () => {
  const fake = fakeServices();
  addCoin(fake.store, 1, OWNER, BASE, 2n ** 64n - 1n);
  addCoin(fake.store, 2, OWNER, b256(7), 4n);
  const from = { sender: b256(1), recipient: OWNER, daHeight: 0n };
  fake.store.messageRows.push({ ...from, nonce: b256(1), amount: 5n, data: new Uint8Array(0) });
  fake.store.messageRows.push({ ...from, nonce: b256(2), amount: 9n, data: new Uint8Array(1) });
  const { data } = await ask(
    fake,
    `{ balances(filter: { owner: "${OWNER}" }, first: 5) { edges { cursor }
        nodes { assetId amount amountU128 } }
       balance(owner: "0x99", assetId: "0x00") { amount }
       messages(owner: "${OWNER}", first: 5) { edges { cursor } }
       messageStatus(nonce: "0x03") { state } }`,
  );
  assert.deepEqual(data, {
    balances: {
      edges: [{ cursor: BASE }, { cursor: b256(7) }],
      nodes: [
        { assetId: BASE, amount: '18446744073709551615', amountU128: '18446744073709551620' },
        { assetId: b256(7), amount: '4', amountU128: '4' },
      ],
    },
    balance: { amount: '0' },
    messages: { edges: [{ cursor: b256(1) }, { cursor: b256(2) }] },
    messageStatus: { state: 'NOT_FOUND' },
  });
});

test('the base asset leads the balances whatever its id is', async () => {
  const fake = fakeServices({}, { ...standardParams(), baseAssetId: b256(8) });
  for (const [n, asset] of [7, 8, 9].entries()) addCoin(fake.store, n, OWNER, b256(asset), 1n);
  const query = `query($first: Int, $after: String, $last: Int, $before: String) {
    balances(filter: { owner: "${OWNER}" }, first: $first, after: $after, last: $last,
      before: $before) { edges { cursor } pageInfo { hasNextPage } } }`;
  const page = async (variables: unknown): Promise<unknown> => {
    const { data } = await ask(fake, query, variables);
    const { edges, pageInfo } = data!['balances'] as {
      edges: { cursor: string }[];
      pageInfo: { hasNextPage: boolean };
    };
    return [edges.map(({ cursor }) => Number(cursor)), pageInfo.hasNextPage];
  };
  assert.deepEqual(await page({ first: 2 }), [[8, 7], true]);
  assert.deepEqual(await page({ first: 5, after: b256(8) }), [[7, 9], false]);
  assert.deepEqual(await page({ first: 5, after: b256(7) }), [[9], false]);
  assert.deepEqual(await page({ last: 2 }), [[9, 7], true]);
  assert.deepEqual(await page({ last: 2, before: b256(7) }), [[8], false]);
  assert.deepEqual(await page({ last: 2, before: b256(8) }), [[], false]);
});

test('coins go by UTXO id; a spent start cursor is not met', async () => {
  const fake = fakeServices();
  for (const n of [3, 1, 2]) addCoin(fake.store, n, OWNER, BASE, BigInt(n));
  const query = `query($after: String) { coins(filter: { owner: "${OWNER}" }, first: 2,
    after: $after) { edges { cursor node { amount txCreatedIdx } }
    pageInfo { hasNextPage hasPreviousPage } } }`;
  const met = await ask(fake, query, { after: utxoKey(1) });
  assert.deepEqual(met.data?.['coins'], {
    edges: [
      { cursor: utxoKey(2), node: { amount: '2', txCreatedIdx: '2' } },
      { cursor: utxoKey(3), node: { amount: '3', txCreatedIdx: '3' } },
    ],
    pageInfo: { hasNextPage: false, hasPreviousPage: true },
  });
  const gone = await ask(fake, query, { after: `${b256(0)}0000` });
  const page = gone.data?.['coins'] as { pageInfo: unknown };
  assert.deepEqual(page.pageInfo, { hasNextPage: true, hasPreviousPage: false });
});

test('a message proof verifies against both headers', async () => {
  const fake = fakeServices();
  const out = (nonce: number): MessageOutReceipt => ({
    type: 'messageOut',
    sender: b256(1),
    recipient: b256(2),
    amount: 3n,
    nonce: b256(nonce),
    len: 1n,
    digest: b256(0),
    data: Uint8Array.of(nonce),
  });
  const txs = [1n, 2n].map((tip) => plainScript({ policies: { tip, maxFee: 9n } }));
  fake.store.addBlock([]);
  fake.store.addBlock([
    { tx: txs[0]!, receipts: [out(1), out(2)] },
    { tx: txs[1]!, receipts: [out(3)], success: false },
  ]);
  fake.store.addBlock([]);
  const commit = fake.store.addBlock([]);
  const { data, errors } = await ask(
    fake,
    `query($id: TransactionId!, $nonce: Nonce!, $block: BlockId) {
      messageProof(transactionId: $id, nonce: $nonce, commitBlockId: $block) {
        messageProof { proofSet proofIndex } blockProof { proofSet proofIndex }
        messageBlockHeader { height } commitBlockHeader { height prevRoot } amount data } }`,
    { id: txId(txs[0]!, 0n), nonce: b256(2), block: commit.header.id },
  );
  assert.equal(errors, undefined);
  const proof = data?.['messageProof'] as {
    messageProof: { proofSet: B256[]; proofIndex: string };
    blockProof: { proofSet: B256[]; proofIndex: string };
    messageBlockHeader: { height: string };
    commitBlockHeader: { prevRoot: B256 };
  };
  assert.equal(proof.messageBlockHeader.height, '2');
  assert.equal(proof.blockProof.proofIndex, '2');
  const blockHolds = verifyBinaryProof(
    hexToBytes(proof.commitBlockHeader.prevRoot),
    hexToBytes(fake.store.blockId(2)!),
    proof.blockProof.proofSet.map(hexToBytes),
    2,
    4,
  );
  assert.ok(blockHolds);
  const ids = [1, 2].map((n) => messageId(b256(1), b256(2), b256(n), 3n, Uint8Array.of(n)));
  assert.equal(proof.messageProof.proofIndex, '1');
  const leaves = ids.map(hexToBytes);
  const inOutbox = verifyBinaryProof(
    binaryRoot(leaves),
    leaves[1]!,
    proof.messageProof.proofSet.map(hexToBytes),
    1,
    leaves.length,
  );
  assert.ok(inOutbox, 'the failed transaction sends nothing');
});

test('what needs a flag or a history says so', async () => {
  const api = createApi(fakeServices({ debug: false }).services);
  const texts: [string, string][] = [
    [
      '{ contractSlotValues(contractId: "0x00", storageSlots: []) { key } }',
      '`--historical-execution` is required for this operation',
    ],
    ['{ storageReadReplay(height: "0") { column } }', '`--historical-execution` is required'],
    ['mutation { startSession }', "The 'debug' feature is disabled"],
    ['mutation { produceBlocks(blocksToProduce: "1") }', '`debug` must be enabled'],
    ['{ nodeInfo { peers { id } } }', 'Peering is disabled in this build'],
    ['{ estimateGasPrice { gasPrice } }', 'Invalid block horizon. Overflows latest block :0'],
    [
      '{ dryRun(txs: [], blockHeight: "1") { id } }',
      'The `blockHeight` parameter requires the `--historical-execution` option',
    ],
    ['{ contract(id: "0x00", x: 1) { id } }', 'Unknown argument "x"'],
    ['{ foo }', 'Unknown field "foo" on type "Query".'],
  ];
  for (const [query, text] of texts) {
    const { errors } = await askApi(api, query);
    assert.ok(errors?.[0]?.message.startsWith(text), `${query}: ${errors?.[0]?.message}`);
  }
});
