import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';
import type { DaBlock } from '../../../da/block.ts';
import { FULL_FORM, readBlocks } from '../../../da/compact/decode.ts';
import { type BlockToWrite, writeBlocks } from '../../../da/compact/encode.ts';
import { NO_HISTORY, Registry, SEARCHED_BYTES_MAX } from '../../../da/compact/history.ts';
import {
  newSinks,
  packStreams,
  STREAMS,
  STREAMS_BYTES_MAX,
  unpackStreams,
} from '../../../da/compact/streams.ts';
import { ByteSink, ByteSource } from '../../../da/varint.ts';
import { concatBytes, hexToBytes } from '../../../primitives/bytes.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { decodeTx, encodeTx } from '../../../tx/codec/transaction.ts';
import { computeHeader, transactionsRoot } from '../../../tx/header.ts';
import type { ChargeableTx, Transaction } from '../../../tx/types.ts';
import { idOf, randomOf } from '../../support/chainMaker.ts';
import { historyOf, REALISTIC, Traffic } from '../../support/daTraffic.ts';

const CHAIN_ID = 9889n;

async function through(
  blocks: readonly BlockToWrite[],
  options: { registry?: Registry; history?: ReturnType<typeof historyOf> } = {},
): Promise<{ back: DaBlock[]; bytes: number }> {
  const history = options.history ?? NO_HISTORY;
  const registry = options.registry ?? new Registry();
  const body = await packStreams(writeBlocks(blocks, { chainId: CHAIN_ID, registry, history }));
  const firstHeight = blocks[0]!.block.header.height;
  const range = { firstHeight, count: blocks.length };
  const back = [
    ...readBlocks(unpackStreams(body), range, { chainId: CHAIN_ID, history, form: FULL_FORM }),
  ];
  return { back, bytes: body.length };
}

function blockOf(raws: readonly Uint8Array[], inbox: DaBlock['inbox'] = []): DaBlock {
  const fields = { transactionsCount: raws.length, transactionsRoot: transactionsRoot(raws) };
  const header = computeHeader({
    ...fields,
    daHeight: 20n,
    consensusParametersVersion: 3,
    stateTransitionBytecodeVersion: 28,
    messageReceiptCount: 2,
    messageOutboxRoot: idOf('outbox'),
    eventInboxRoot: idOf('inbox'),
    height: 7,
    prevRoot: idOf('before'),
    time: 2n ** 62n + 99n,
  });
  const consensus = { type: 'poa', signature: new Uint8Array(64).fill(3) } as const;
  return { header, consensus, transactions: raws, inbox };
}

async function survives(tx: Transaction, name: string): Promise<void> {
  const block = blockOf([encodeTx(tx)]);
  const { back } = await through([{ block, ids: null }]);
  assert.deepEqual(back, [block], name);
}

const EMPTY = new Uint8Array(0);
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const place = { blockHeight: 5, txIndex: 2 };
const roots = { balanceRoot: idOf('balances'), stateRoot: idOf('state') };
const predicate = { predicateGasUsed: 77n, predicate: bytes(33), predicateData: bytes(9) };
const signed = { predicateGasUsed: 0n, predicate: EMPTY, predicateData: EMPTY };
const utxoId = { txId: idOf('made'), outputIndex: 65_535 };
const coin = { owner: idOf('owner'), amount: 2n ** 64n - 1n, assetId: idOf('asset') };
const message = { sender: idOf('sender'), recipient: idOf('recipient'), nonce: idOf('nonce') };

const PARTS: Pick<ChargeableTx, 'policies' | 'inputs' | 'outputs' | 'witnesses'> = {
  policies: { tip: 0n, witnessLimit: 2n ** 64n - 1n, maturity: 1n, expiration: 9n, owner: 1n },
  inputs: [
    { type: 'coin', utxoId, ...coin, txPointer: place, witnessIndex: 65_535, ...signed },
    { type: 'coin', utxoId, ...coin, txPointer: place, witnessIndex: 0, ...predicate },
    { type: 'contract', utxoId, ...roots, txPointer: place, contractId: idOf('contract') },
    { type: 'message', ...message, amount: 5n, witnessIndex: 1, data: EMPTY, ...signed },
    { type: 'message', ...message, amount: 0n, witnessIndex: 0, data: bytes(3), ...predicate },
  ],
  outputs: [
    { type: 'coin', to: idOf('owner'), amount: 1_000_000n, assetId: idOf('asset') },
    { type: 'contract', inputIndex: 2, ...roots },
    { type: 'contract', inputIndex: 0, balanceRoot: idOf('x'), stateRoot: ZERO_B256 },
    { type: 'change', to: idOf('owner'), amount: 2n ** 64n - 1n, assetId: idOf('asset') },
    { type: 'change', to: idOf('other'), amount: 0n, assetId: idOf('unknown asset') },
    { type: 'variable', to: ZERO_B256, amount: 0n, assetId: ZERO_B256 },
    { type: 'contractCreated', contractId: idOf('new'), stateRoot: idOf('state') },
  ],
  witnesses: [bytes(64), EMPTY, bytes(65), bytes(64)],
};

const SCRIPT = { scriptGasLimit: 2n ** 64n - 1n, receiptsRoot: idOf('receipts') };
const KINDS: Transaction[] = [
  { type: 'script', ...SCRIPT, script: bytes(40), scriptData: bytes(50), ...PARTS },
  { type: 'script', ...SCRIPT, script: EMPTY, scriptData: EMPTY, ...PARTS, inputs: [] },
  {
    type: 'create',
    bytecodeWitnessIndex: 2,
    salt: idOf('salt'),
    storageSlots: [{ key: idOf('key'), value: idOf('value') }],
    ...PARTS,
  },
  {
    type: 'upgrade',
    purpose: { type: 'consensusParameters', witnessIndex: 1, checksum: idOf('checksum') },
    ...PARTS,
  },
  { type: 'upgrade', purpose: { type: 'stateTransition', root: idOf('root') }, ...PARTS },
  {
    type: 'upload',
    root: idOf('root'),
    witnessIndex: 1,
    subsectionIndex: 2,
    subsectionsNumber: 300,
    proofSet: [idOf('a'), idOf('b')],
    ...PARTS,
  },
  { type: 'blob', blobId: idOf('blob'), witnessIndex: 0, ...PARTS },
  {
    type: 'mint',
    txPointer: { blockHeight: 7, txIndex: 3 },
    inputContract: { utxoId, ...roots, txPointer: place, contractId: idOf('coinbase') },
    outputContract: { inputIndex: 0, ...roots },
    mintAmount: 3n,
    mintAssetId: idOf('asset'),
    gasPrice: 12n,
  },
];

describe('compact transactions', () => {
  it('reproduce every kind with every kind of part', async () => {
    for (const tx of KINDS) await survives(tx, tx.type);
  });

  it('keep bytes that are no canonical encoding as they are', async () => {
    const raw = encodeTx(KINDS[0]!);
    const padded = concatBytes(raw, Uint8Array.of(1, 2, 3));
    const blocks = [raw, padded, bytes(11), EMPTY].map((each) => blockOf([each]));
    for (const block of blocks) {
      assert.deepEqual((await through([{ block, ids: null }])).back, [block]);
    }
  });

  it('keep a transaction whose form would be too long', async () => {
    const [tx] = KINDS as [ChargeableTx];
    const outputs = new Array(600).fill(tx.outputs[1]);
    await survives({ ...tx, outputs } as Transaction, 'many outputs');
  });

  it('carry what a block takes in, and a genesis', async () => {
    const inbox: DaBlock['inbox'] = [
      { type: 'message', message: { ...message, amount: 9n, data: bytes(4), daHeight: 18n } },
      { type: 'transaction', nonce: idOf('n'), maxGas: 5n, raw: bytes(80), daHeight: 20n },
    ];
    const block = blockOf([encodeTx(KINDS[7]!)], inbox);
    const names = ['chainConfigHash', 'coinsRoot', 'contractsRoot', 'messagesRoot'] as const;
    const hashes = Object.fromEntries(names.map((name) => [name, idOf(name)])) as Record<
      (typeof names)[number],
      `0x${string}`
    >;
    const genesis: DaBlock = {
      ...blockOf([]),
      consensus: { type: 'genesis', ...hashes, transactionsRoot: idOf('none') },
    };
    for (const each of [block, genesis]) {
      assert.deepEqual((await through([{ block: each, ids: null }])).back, [each]);
    }
  });
});

describe('compact traffic', () => {
  it('refers to the chain before, with a registry and without', async () => {
    const traffic = new Traffic({ ...REALISTIC, accounts: 200 });
    const registry = new Registry();
    for (let i = 0; i < 30; i++) traffic.next(20);
    for (const { block, ids } of traffic.blocks) {
      block.transactions.forEach((raw, i) => {
        registry.observe(block.header.height, i, { id: ids[i]!, tx: decodeTx(raw).tx });
      });
    }
    const history = historyOf([...traffic.blocks], (raw) => decodeTx(raw).tx);
    const made = [...Array(8).keys()].map(() => traffic.next(20));
    const expected = made.map(({ block }) => block);
    const warm = await through(made, { registry, history });
    assert.deepEqual(warm.back, expected);
    // After a restart: coins are found through the chain, addresses are written out again.
    const cold = await through(made, { history });
    assert.deepEqual(cold.back, expected);
    const blind = await through(made);
    assert.deepEqual(blind.back, expected);
    assert.ok(warm.bytes < cold.bytes && cold.bytes < blind.bytes);
  });

  it('needs at most 85 bytes for a transfer, a fifth of the canonical ones', async () => {
    const traffic = new Traffic({ ...REALISTIC, accounts: 1_000 });
    const registry = new Registry();
    for (let i = 0; i < 25; i++) traffic.next(400);
    for (const { block, ids } of traffic.blocks) {
      block.transactions.forEach((raw, i) => {
        registry.observe(block.header.height, i, { id: ids[i]!, tx: decodeTx(raw).tx });
      });
    }
    const history = historyOf([...traffic.blocks], (raw) => decodeTx(raw).tx);
    const made = [...Array(5).keys()].map(() => traffic.next(400));
    const { bytes: packed, back } = await through(made, { registry, history });
    const canonical = back.flatMap(({ transactions }) => transactions);
    const perTransfer = packed / 2_000;
    assert.ok(perTransfer <= 85, `${perTransfer} bytes per transfer`);
    assert.ok(packed <= canonical.reduce((sum, { length }) => sum + length, 0) / 5);
  });

  it('finds known ids in call data, up to a length', async () => {
    const known = idOf('owner');
    for (const [length, at, isFound] of [
      [32, 0, true],
      [40, 8, true],
      [44, 12, false],
      [SEARCHED_BYTES_MAX - 1, 64, true],
      [SEARCHED_BYTES_MAX, SEARCHED_BYTES_MAX - 32, true],
      [SEARCHED_BYTES_MAX + 1, 64, false],
    ] as const) {
      const scriptData = new Uint8Array(length).fill(1);
      scriptData.set(hexToBytes(known), at);
      const registry = new Registry();
      const earlier: Transaction = { ...KINDS[0]!, type: 'script' } as Transaction;
      registry.observe(1, 0, { id: idOf('earlier'), tx: earlier });
      const history = { transactionAt: () => ({ id: idOf('earlier'), tx: earlier }) };
      const tx = { ...KINDS[1]!, outputs: [], witnesses: [], scriptData } as Transaction;
      const block = blockOf([encodeTx(tx)]);
      const context = { chainId: CHAIN_ID, registry, history };
      const sinks = writeBlocks([{ block, ids: null }], context);
      assert.equal(sinks.textBytes.length < length, isFound, `${length} ${at}`);
      const body = await packStreams(sinks);
      const read = { chainId: CHAIN_ID, history, form: FULL_FORM };
      const back = [...readBlocks(unpackStreams(body), { firstHeight: 7, count: 1 }, read)];
      assert.deepEqual(back, [block]);
    }
  });

  it('refuses ids in call data that cannot be there', async () => {
    const scriptData = new Uint8Array(64).fill(1);
    const tx = { ...KINDS[1]!, scriptData, outputs: [], witnesses: [] } as Transaction;
    const body = async (length: number, ids: readonly number[]): Promise<Uint8Array> => {
      const block = blockOf([encodeTx(tx)]);
      const context = { chainId: CHAIN_ID, registry: new Registry(), history: NO_HISTORY };
      const sinks = { ...writeBlocks([{ block, ids: null }], context) };
      sinks.textLength = new ByteSink();
      sinks.textLength.varint(length);
      sinks.textId = new ByteSink();
      for (const value of ids) sinks.textId.varint(value);
      return await packStreams(sinks);
    };
    const read = async (length: number, ids: readonly number[]): Promise<DaBlock[]> => {
      const context = { chainId: CHAIN_ID, history: NO_HISTORY, form: FULL_FORM };
      const sources = unpackStreams(await body(length, ids));
      return [...readBlocks(sources, { firstHeight: 7, count: 1 }, context)];
    };
    assert.equal((await read(64, [0])).length, 1);
    for (const [length, ids, message] of [
      [SEARCHED_BYTES_MAX + 1, [1, 0], /long byte string/],
      [64, [1, 5], /behind its byte string/],
      [64, [3, 0, 0, 0], /ends too early/],
      [64, [1], /ends too early/],
    ] as const) {
      await assert.rejects(read(length, ids), { code: 'DA_FRAME_INVALID', message });
    }
  });

  it('refuses references that lead nowhere', async () => {
    const traffic = new Traffic({ ...REALISTIC, accounts: 20 });
    const registry = new Registry();
    const first = traffic.next(10);
    const history = historyOf([first], (raw) => decodeTx(raw).tx);
    writeBlocks([first], { chainId: CHAIN_ID, registry, history });
    const second = traffic.next(10);
    const body = await packStreams(writeBlocks([second], { chainId: CHAIN_ID, registry, history }));
    const range = { firstHeight: 2, count: 1 };
    const read = (known: typeof history): DaBlock[] => [
      ...readBlocks(unpackStreams(body), range, {
        chainId: CHAIN_ID,
        history: known,
        form: FULL_FORM,
      }),
    ];
    assert.deepEqual(read(history), [second.block]);
    assert.throws(() => read(NO_HISTORY as typeof history), {
      code: 'DA_FRAME_INVALID',
      message: /not known/,
    });
  });
});

describe('streams', () => {
  it('refuse bombs before they are expanded', async () => {
    const bomb = brotliCompressSync(new Uint8Array(10_000_000), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 2 },
    });
    const head = new ByteSink();
    STREAMS.forEach((_, i) => {
      head.varint(i === 0 ? STREAMS_BYTES_MAX + 1 : 0);
      head.varint(i === 0 ? bomb.length : 0);
    });
    const invalid = { code: 'DA_FRAME_INVALID' };
    assert.throws(() => unpackStreams(concatBytes(head.done(), bomb)), invalid);
    const modest = new ByteSink();
    STREAMS.forEach((_, i) => {
      modest.varint(i === 0 ? 1_000 : 0);
      modest.varint(i === 0 ? bomb.length : 0);
    });
    assert.ok(bomb.length < 1_000);
    assert.throws(() => unpackStreams(concatBytes(modest.done(), bomb)), {
      ...invalid,
      message: /does not expand/,
    });
  });

  it('come back at every effort', async () => {
    const sinks = newSinks();
    sinks.amount.bytes(bytes(5_000));
    sinks.signature.bytes(bytes(64));
    for (const effort of [0, 3, 9, 11]) {
      const sources = unpackStreams(await packStreams(sinks, effort));
      assert.deepEqual(sources.amount.take(5_000), bytes(5_000));
      assert.deepEqual(sources.signature.take(64), bytes(64));
      assert.equal(sources.literal.left, 0);
    }
  });

  it('hold numbers of every size', () => {
    const seed = 5;
    const random = randomOf(seed);
    const sink = new ByteSink();
    const numbers = [0, 127, 128, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
    const bigs = [0n, 127n, 2n ** 32n, 2n ** 49n, 2n ** 64n - 1n, 2n ** 65n - 1n, 2n ** 70n - 1n];
    for (let i = 0; i < 500; i++) bigs.push(BigInt(random(2 ** 30)) << BigInt(random(36)));
    for (const number of numbers) sink.varint(number);
    for (const big of bigs) sink.bigVarint(big);
    const source = new ByteSource(sink.done());
    for (const number of numbers) assert.equal(source.varint(), number);
    for (const big of bigs) assert.equal(source.bigVarint(), big, `seed ${seed}`);
    const endless = new ByteSource(new Uint8Array(20).fill(0xff));
    assert.throws(() => endless.varint(), { code: 'DA_FRAME_INVALID' });
    assert.throws(() => endless.bigVarint(), { code: 'DA_FRAME_INVALID' });
  });
});
