/** What the settlement refuses before it judges, and honest blocks next to each fraud. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFunctionData, type Hex, numberToHex } from 'viem';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { binaryProof } from '../../primitives/merkle/binary.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import { batchOf, blockProof, commitArguments } from '../../settlement/index.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import { messageId } from '../../tx/id.ts';
import type { CoinInput, ScriptTx } from '../../tx/types.ts';
import { Anvil, anvilPath } from '../support/anvil.ts';
import { NO_OP, withState } from '../support/blockStates.ts';
import { Case, creatorOf, type Place, recovered, replaced, scripts } from '../support/frauds.ts';
import { keyOf, transferOf } from '../support/funded.ts';
import {
  ANY_KEY,
  BOND,
  CHALLENGER,
  forged,
  PARAMS,
  SILENCE_S,
  WINDOW_S,
} from '../support/rollup.ts';
import { openWorld } from '../support/rollupWorld.ts';
import {
  deployProbe,
  deploySettlement,
  INBOX,
  PROBE,
  SETTLEMENT,
} from '../support/settlementContracts.ts';
import { entryOf, messageStepArgs, skippedArgs, stepArgs } from '../support/stateArguments.ts';

const OTHER: B256 = `0x${'66'.repeat(32)}`;

test('terms that protect nobody are refused', { skip: anvilPath() === null }, async (t) => {
  const anvil = await Anvil.start();
  t.after(() => anvil.stop());
  const terms = {
    chainId: 1n,
    baseAsset: ZERO_B256,
    operator: anvil.wallets[0]!.account.address,
    bond: 1n,
    window: 10n,
    inboxDelay: 10n,
    silence: 20n,
    firstHeight: 1,
    blocksMax: 10,
    genesisState: ZERO_B256,
    escape: 30n,
    transferGas: 1n,
  };
  const deploy = (over: object): Promise<Hex> =>
    deploySettlement(anvil, [{ ...terms, ...over }, 1n, 1n]);
  const nobody = `0x${'00'.repeat(20)}`;
  await deploy({});
  for (const over of [{ window: 30n }, { silence: 30n }, { blocksMax: 0 }, { operator: nobody }]) {
    await assert.rejects(deploy(over), JSON.stringify(Object.keys(over)));
  }
});

test('what is no proof is refused', { skip: anvilPath() === null }, async (t) => {
  const { rollup, blocks, states, split } = await openWorld(t);
  const made = new Case(blocks, split, states);
  await made.commit(rollup);
  const { genesis } = rollup;
  const events = await rollup.events();
  const is = async (why: string, name: string, args: readonly unknown[]): Promise<void> =>
    assert.equal(await rollup.refusal(name, args), why, `${name}: ${why}`);
  const place = scripts(blocks, split)[0]!;
  const [blk, tx] = made.tx(place);

  await t.test('another block, batch, transaction or step', async () => {
    await is('NoBatch', 'notCanonical', [{ ...blk, batch: 2n }, tx]);
    await is('NotInBatch', 'notCanonical', [{ ...blk, batch: 0n }, tx]);
    await is('NotInBatch', 'notCanonical', [{ ...made.blk(0), batch: 1n }, tx]);
    await is('NotInBatch', 'notCanonical', [{ ...blk, stateRoot: OTHER }, tx]);
    await is('NotInBlock', 'notCanonical', [blk, { ...tx, index: tx.index + 1 }]);
    await is('NotInBlock', 'notCanonical', [blk, { ...tx, raw: '0x1234' }]);
    const args = [...stepArgs(made, place)];
    await is('NoFraud', 'wrongStep', args);
    args[3] = { ...(args[3] as object), held: 77n };
    await is('NotInBlock', 'wrongStep', args);
    await is('WrongKind', 'wrongStep', [
      ...stepArgs(made, place).slice(0, 1),
      made.blk(0),
      ...args.slice(2),
    ]);
    const other = { ...genesis, held: 1n };
    await is('WrongState', 'wrongStart', [...made.pair(0), other, made.step(0, 0)]);
    const { parts } = states[split - 1]!;
    await is('NoFraud', 'wrongStart', [...made.pair(split), parts, made.step(split, 0)]);
    const last = made.step(split, states[split]!.steps.length - 1);
    await is('NoFraud', 'wrongState', [...made.pair(split), states[split]!.parts, last]);
    const [pre] = made.moments(place);
    await is('NoFraud', 'absentInput', [blk, made.pair(place.block)[1], tx, pre, 0n, NO_OP]);
  });

  await t.test('heights and ends', async () => {
    const first = blocks[split]!.header.height;
    await is('NoFraud', 'wrongHeight', [made.blk(split), first]);
    await is('NotInBatch', 'wrongHeight', [made.blk(split), first - 1]);
    await is('NotInBatch', 'wrongHeight', [made.blk(split), first + 50]);
    await is('WrongKind', 'wrongEnd', [made.blk(0)]);
    await is('NoFraud', 'wrongEnd', [made.blk(split - 1)]);
  });

  await t.test('coins', async () => {
    const spends = scripts(blocks).find(
      ({ script }) => (script.inputs[0] as CoinInput).txPointer?.blockHeight > 0,
    )!;
    const creator = creatorOf(spends.script);
    const at = made.tx(spends);
    await is('NoFraud', 'badInput', [...at, 0n, ...made.tx(creator)]);
    const mint = blocks[creator.block]!.transactions.length - 1;
    await is('WrongKind', 'badInput', [...at, 0n, ...made.tx({ block: creator.block, tx: mint })]);
    await is('NoFraud', 'badPointer', [...at, 0n, made.blk(creator.block)]);
    await is('NoFraud', 'doubleSpend', [...at, 0n, ...at, 0n]);
    await is('WrongKey', 'badSignature', [...at, 0n, ANY_KEY]);
    await is('NoFraud', 'badSignature', [...at, 0n, recovered(spends.script, 0)]);
    const elsewhere = made.tx(scripts(blocks).find(({ block }) => block !== creator.block)!);
    await is('WrongKind', 'badInput', [...at, 0n, ...elsewhere]);
    const [one, two] = scripts(blocks, split).slice(0, 2) as unknown as [Place, Place];
    assert.equal(one.block, two.block);
    await is('NoFraud', 'doubleSpend', [...made.tx(one), 0n, ...made.tx(two), 0n]);
    await is('NoFraud', 'inflation', [...at, PARAMS.baseAssetId]);
    await is('NoFraud', 'notCanonical', at);
  });

  await t.test('mints', async () => {
    const last = blocks[split]!.transactions.length - 1;
    await is('NoFraud', 'misplacedMint', made.tx({ block: split, tx: last }));
    await is('NoFraud', 'misplacedMint', made.tx({ block: split, tx: 0 }));
    await is('WrongKind', 'overcharge', [...made.tx({ block: split, tx: last }), OTHER]);
    await is('NoFraud', 'overcharge', [blk, tx, OTHER]);
    await is('NoFraud', 'overcharge', [blk, tx, PARAMS.baseAssetId]);
  });

  await t.test('entries of the inbox', async () => {
    const { block, nonce } = entryOf({ blocks, events }, 'transaction');
    const forced = skippedArgs(made, block, events[nonce]);
    const over = (changes: Record<number, unknown>) => forced.map((each, i) => changes[i] ?? each);
    await is('NoFraud', 'skippedForced', forced);
    await is('WrongKind', 'skippedForced', over({ 2: 0n }));
    await is('WrongKind', 'skippedForced', over({ 2: 99n }));
    await is('WrongKind', 'skippedForced', over({ 3: 7n }));
    const ofMessage = entryOf({ blocks, events }, 'message');
    const [, , , , , ...rest] = forced;
    const inBlock = made.pair(ofMessage.block);
    const asForced = [...inBlock, BigInt(ofMessage.nonce), 7n, '0x12', ...rest];
    await is('WrongKind', 'skippedForced', asForced);
    // Bytes that claim too little gas.
    const garbage = events[nonce + 1];
    assert.ok(garbage?.type === 'transaction');
    const raw = bytesToHex(garbage.raw);
    const broken = over({ 2: BigInt(nonce + 1), 3: garbage.maxGas, 4: raw });
    await is('NotCanonical', 'skippedForced', broken);
    const good = messageStepArgs(made, events, ofMessage.block, ofMessage.nonce);
    await is('NoFraud', 'wrongMessageStep', good);
    await is('NoFraud', 'wrongMessageStep', messageStepArgs(made, events, block, nonce));
    const later = blocks.findIndex(({ inboxCount }, i) => {
      const before = blocks[i - 1]?.inboxCount ?? 0n;
      return before > 0n && inboxCount > before;
    });
    const [laterBlk, laterBefore] = made.pair(later);
    await is('WrongKind', 'skippedForced', over({ 0: laterBlk, 1: laterBefore, 2: 0n }));
    const numbered = (at: number, n: bigint): readonly unknown[] => [
      ...made.pair(at),
      n,
      ...good.slice(3),
    ];
    await is('WrongKind', 'wrongMessageStep', numbered(later, 0n));
    await is('WrongKind', 'wrongMessageStep', numbered(later, 99n));
    const wrong = good.map((each, i) => (i === 5 ? { ...(each as object), amount: 1n } : each));
    await is('WrongKind', 'wrongMessageStep', wrong);
    await is('WrongKind', 'wrongInbox', [...made.pair(later), []]);
    const ids = (await rollup.entries()).map(({ id }) => id);
    const some = ids.slice(
      Number(blocks[later - 1]!.inboxCount),
      Number(blocks[later]!.inboxCount),
    );
    await is('NoFraud', 'wrongInbox', [...made.pair(later), some]);
    await is('WrongKind', 'wrongInbox', [...made.pair(later), some.map(() => OTHER)]);
    // Nothing was taken in yet, though something was sent.
    assert.equal(blocks[0]!.inboxCount, 0n);
    await is('NoFraud', 'wrongInbox', [...made.pair(0), []]);
  });
});

test('frauds across batches, and next to what is allowed', {
  skip: anvilPath() === null,
}, async (t) => {
  const { rollup, blocks, states, split } = await openWorld(t);
  const { anvil, settlement } = rollup;
  let clean = await anvil.test.snapshot();
  const commit = async (planted: readonly (typeof blocks)[number][]): Promise<Case> => {
    await anvil.test.revert({ id: clean });
    clean = await anvil.test.snapshot();
    const made = new Case(planted, split, states);
    await made.commit(rollup);
    return made;
  };
  const refusal = (name: string, args: readonly unknown[]) => rollup.refusal(name, args);

  await t.test('a coin twice, told in the other order', async () => {
    const [first] = scripts(blocks);
    const old = blocks[split]!;
    const again = forged(old, [encodeTx(first!.script), ...old.transactions]);
    const made = await commit(replaced(blocks, split, again));
    const second = { block: split, tx: 0 };
    const args = [...made.tx(second), 0n, ...made.tx(first!), 0n];
    assert.equal(await refusal('doubleSpend', args), null);
  });

  await t.test('pointers inside the own block', async () => {
    const old = blocks[split]!;
    const place: Place = { block: split, tx: 1 };
    const script = structuredClone(scripts(blocks, split)[1]!.script) as ScriptTx;
    const coin = script.inputs[0] as CoinInput;
    coin.txPointer = { blockHeight: old.header.height, txIndex: 0 };
    const raws = old.transactions.map((raw, i) => (i === 1 ? encodeTx(script) : raw));
    const made = await commit(replaced(blocks, split, forged(old, raws)));
    assert.equal(await refusal('badPointer', [...made.tx(place), 0n, made.blk(split)]), 'NoFraud');
    const zero = [...made.tx(place), 0n, ...made.tx({ block: split, tx: 0 })];
    assert.equal(await refusal('badInput', zero), null);
    const two = [...made.tx(place), 0n, ...made.tx({ block: split, tx: 2 })];
    assert.equal(await refusal('badInput', two), 'WrongKind');
  });

  await t.test('a contract is no coin', async () => {
    const old = blocks[split]!;
    const script = structuredClone(scripts(blocks, split)[0]!.script) as ScriptTx;
    script.inputs.push({
      type: 'contract',
      utxoId: { txId: OTHER, outputIndex: 0 },
      balanceRoot: OTHER,
      stateRoot: OTHER,
      txPointer: { blockHeight: 0, txIndex: 0 },
      contractId: OTHER,
    });
    const raws = old.transactions.map((raw, i) => (i === 0 ? encodeTx(script) : raw));
    const made = await commit(replaced(blocks, split, forged(old, raws)));
    const place: Place = { block: split, tx: 0 };
    const [blk, tx] = made.tx(place);
    const [pre] = made.moments(place);
    const args = [blk, made.pair(split)[1], tx, pre, 1n, NO_OP];
    assert.equal(await refusal('absentInput', args), 'WrongKind');
  });

  await t.test('an end with another count of the inbox', async () => {
    await anvil.test.revert({ id: clean });
    clean = await anvil.test.snapshot();
    const made = new Case(blocks, split, states);
    const args: unknown[] = [...commitArguments(made.batches[0]!, ZERO_B256, new Uint8Array(0))];
    args[4] = 0n;
    await anvil.send('commit', 0, settlement, SETTLEMENT, 'commitBatch', args, BOND);
    assert.equal(await refusal('wrongEnd', [made.blk(split - 1)]), null);
  });
});

test('a forced transfer that claims too little gas', {
  skip: anvilPath() === null,
}, async (t) => {
  const { rollup } = await openWorld(t);
  const coin = rollup.coins.find(({ key }) => key.address === keyOf(0).address)!;
  const { raw } = transferOf(coin, OTHER, 5n, PARAMS);
  await rollup.send('sendTransaction', [100n, bytesToHex(raw)], 100n);
  await rollup.takeIn();
  const tracked = await rollup.tracked();
  const states = tracked.map(({ state }) => state);
  const blocks = tracked.map(({ block }) => block);
  const made = new Case(blocks, 2, states);
  await made.commit(rollup);
  const args = skippedArgs(made, blocks.length - 1, (await rollup.events()).at(-1));
  // It was not run, and its coin is still there.
  assert.equal(blocks.at(-1)!.transactions.length, 1);
  assert.equal(await rollup.refusal('skippedForced', args), 'NoFraud');
});

test('messages of a block get no more than it has sent out', {
  skip: anvilPath() === null,
}, async (t) => {
  const { rollup } = await openWorld(t);
  const { anvil } = rollup;
  const tracked = await rollup.tracked();
  const index = tracked.length - 1;
  const { block, state } = tracked[index]!;
  // The block tells of a message, and its state of nothing that was sent out.
  const [sender, recipient, nonce, amount] = [OTHER, keyOf(0).address, OTHER, 5n];
  const id = messageId(sender, recipient, nonce, amount, new Uint8Array(0));
  const { root } = binaryProof([hexToBytes(id)], 0);
  const lying = withState(
    forged(block, block.transactions, {
      messageReceiptCount: 1,
      messageOutboxRoot: bytesToHex(root) as B256,
    }),
    state.steps,
    state.parts,
  );
  const blocks = [...tracked.slice(0, -1).map((each) => each.block), lying];
  await rollup.commit(blocks);
  await anvil.pass(WINDOW_S + 1);
  const blk = blockProof(0n, batchOf(blocks), index);
  const args = [blk, state.parts, sender, recipient, nonce, amount, '0x', 0n, []];
  assert.equal(await rollup.refusal('relayMessage', args), 'WrongState');
});

test('pointers to data', { skip: anvilPath() === null }, async (t) => {
  const { rollup, blocks } = await openWorld(t);
  const { anvil, settlement } = rollup;
  const args = (pointer: Uint8Array): readonly unknown[] =>
    commitArguments(batchOf(blocks), ZERO_B256, pointer);
  const refusal = (...bytes: number[]): Promise<string | null> =>
    rollup.refusal('commitBatch', args(Uint8Array.from(bytes)), 0, BOND);
  assert.equal(await refusal(), null);
  assert.equal(await refusal(2, 9, 9), null);
  assert.equal(await refusal(3), 'WrongPointer');
  assert.equal(await refusal(2, ...new Array<number>(512).fill(0)), 'WrongPointer');
  assert.equal(await refusal(2, ...new Array<number>(511).fill(0)), null);
  for (const bytes of [[1], [1, 0], [1, 1, 1]]) {
    assert.equal(await refusal(...bytes), 'WrongPointer');
  }
  // No blob comes with the transaction.
  assert.equal(await refusal(1, 1), 'WrongPointer');
  const hash: Hex = `0x01${'07'.repeat(31)}`;
  const withBlobs = (count: number): Promise<boolean> => {
    const functionName = 'commitBatch';
    const all = args(Uint8Array.of(1, count));
    const data = encodeFunctionData({ abi: SETTLEMENT.abi, functionName, args: all });
    const from = anvil.wallets[0]!.account.address;
    return anvil.takesBlobs({ from, to: settlement, data, value: numberToHex(BOND) }, [hash]);
  };
  assert.equal(await withBlobs(1), true);
  assert.equal(await withBlobs(2), false);
});

test('a proposer that takes no ether keeps its bond where it is', {
  skip: anvilPath() === null,
}, async (t) => {
  const { rollup, blocks } = await openWorld(t);
  const { anvil, settlement } = rollup;
  const probe = await deployProbe(anvil);
  await anvil.pass(SILENCE_S);
  const functionName = 'commitBatch';
  const args = commitArguments(batchOf(blocks), ZERO_B256, new Uint8Array(0));
  const data = encodeFunctionData({ abi: SETTLEMENT.abi, functionName, args });
  await anvil.send('forward', CHALLENGER, probe, PROBE, 'forward', [settlement, data], BOND);
  await anvil.pass(WINDOW_S + 1);
  assert.equal(await rollup.refusal('release', [0n]), 'WrongBond');
});

test('the inbox: several in one block, nothing beyond its end', {
  skip: anvilPath() === null,
}, async (t) => {
  const { rollup } = await openWorld(t);
  const { anvil, inbox } = rollup;
  await anvil.test.setAutomine(false);
  const hashes: Hex[] = [];
  for (const gas of [2_500_001n, 2_500_000n]) {
    const sent = { functionName: 'sendTransaction', args: [gas, '0x12'], value: gas };
    const call = { address: inbox, abi: INBOX.abi, gas: 1_000_000n, ...sent };
    hashes.push(await anvil.wallets[CHALLENGER]!.writeContract(call as never));
  }
  await anvil.test.mine({ blocks: 1 });
  await anvil.test.setAutomine(true);
  const receipts = await Promise.all(hashes.map((hash) => anvil.seen(hash)));
  // Together they claim one unit too many.
  assert.deepEqual(receipts.map(({ status }) => status).sort(), ['reverted', 'success']);
  const count = await anvil.read<bigint>(inbox, INBOX, 'count');
  assert.equal(await anvil.read(inbox, INBOX, 'holds', [count, OTHER]), false);
  const { account } = anvil.wallets[CHALLENGER]!;
  const much = 2n ** 64n * 10n ** 9n;
  await anvil.test.setBalance({ address: account.address, value: 2n * much });
  const refusal = await anvil.refusal(CHALLENGER, inbox, INBOX, 'depositETH', [OTHER], much);
  assert.equal(refusal, 'WrongAmount');
});
