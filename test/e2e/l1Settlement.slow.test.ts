/** The project's own contract on anvil: commitments, forced inclusion, withdrawals, the inbox. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Hex } from 'viem';
import { bytesToHex, concatBytes, hexToBytes, writeU64 } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { binaryProof } from '../../primitives/merkle/binary.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import { WITHDRAW_SCRIPT } from '../../sdk/client/withdrawals.ts';
import {
  batchOf,
  blockProof,
  commitArguments,
  connectRpc,
  openSettlement,
} from '../../settlement/index.ts';
import { messageId } from '../../tx/id.ts';
import type { StateParts } from '../../tx/stateSteps.ts';
import { ANVIL_KEYS, Anvil, anvilPath } from '../support/anvil.ts';
import { randomOf } from '../support/chainMaker.ts';
import { Case } from '../support/frauds.ts';
import { asB256 } from '../support/fuelBridge.ts';
import { scriptOf, signed } from '../support/funded.ts';
import { ROOT } from '../support/nodeProcess.ts';
import {
  BOND,
  CHALLENGER,
  grow,
  INBOX_DELAY_S,
  openRollup,
  PARAMS,
  type Rollup,
  SILENCE_S,
  WINDOW_S,
} from '../support/rollup.ts';
import { openWorld } from '../support/rollupWorld.ts';
import { INBOX, SETTLEMENT } from '../support/settlementContracts.ts';

test('commitments: order, bond, inbox, open proposing', {
  skip: anvilPath() === null,
}, async (t) => {
  const { rollup, blocks, split } = await openWorld(t);
  const { anvil, settlement } = rollup;
  const honest = new Case(blocks, split);
  const args = (batch: number, over: Record<number, unknown> = {}): unknown[] => {
    const parent = batch === 0 ? ZERO_B256 : honest.batches[0]!.blocks.at(-1)!.header.id;
    const made: unknown[] = [...commitArguments(honest.batches[batch]!, parent, new Uint8Array(0))];
    for (const [index, value] of Object.entries(over)) made[Number(index)] = value;
    return made;
  };
  const refusal = (batch: number, over = {}, from = 0, value = BOND): Promise<string | null> =>
    rollup.refusal('commitBatch', args(batch, over), from, value);

  assert.equal(await refusal(0), null);
  assert.equal(await refusal(0, {}, CHALLENGER), 'NotYourTurn');
  assert.equal(await refusal(0, {}, 0, BOND - 1n), 'WrongBond');
  assert.equal(await refusal(0, { 0: `0x${'01'.repeat(32)}` }), 'WrongParent');
  assert.equal(await refusal(0, { 1: 0 }), 'WrongRange');
  assert.equal(await refusal(0, { 1: 51 }), 'WrongRange');
  assert.equal(await refusal(0, { 4: 999n }), 'InboxAhead');
  await rollup.commit(honest.batches[0]!.blocks);
  assert.equal(await refusal(0), 'WrongParent');
  assert.equal(await refusal(1, { 4: 0n }), 'InboxAhead');

  // Forced inclusion: what was sent must be taken in within the delay.
  await rollup.send('depositETH', [`0x${'09'.repeat(32)}`], 10n ** 9n);
  assert.equal(await refusal(1), null);
  await anvil.pass(INBOX_DELAY_S + 20);
  assert.equal(await refusal(1), 'InboxTooFarBehind');
  await rollup.takeIn();
  const later = (await rollup.committable()).slice(split);
  const second = batchOf(later);
  const parent = honest.batches[0]!.blocks.at(-1)!.header.id;
  const good = commitArguments(second, parent, new Uint8Array(0));
  assert.equal(await rollup.refusal('commitBatch', good, 0, BOND), null);

  // The operator is silent: anybody commits.
  assert.equal(await rollup.refusal('commitBatch', good, CHALLENGER, BOND), 'NotYourTurn');
  await anvil.pass(SILENCE_S);
  await rollup.commit(later, parent, CHALLENGER);
  const stored = await anvil.read<{ proposer: string }>(settlement, SETTLEMENT, 'batchAt', [1n]);
  assert.equal(stored.proposer, anvil.wallets[CHALLENGER]!.account.address);

  // And goes on, without a pause between its batches.
  await rollup.block(2);
  const third = (await rollup.committable()).slice(-1);
  await rollup.commit(third, later.at(-1)!.header.id, CHALLENGER);
  assert.equal(await anvil.read(settlement, SETTLEMENT, 'isOpen'), true);
});

/** A transaction that sends `amount` to an address on Ethereum. */
function withdrawal(rollup: Rollup, to: B256, amount: bigint): { raw: Uint8Array; id: B256 } {
  const at = rollup.coins.findIndex((each) => each.amount > amount + 1_000n);
  const [coin] = rollup.coins.splice(at, 1);
  const amountBytes = new Uint8Array(8);
  writeU64(amountBytes, 0, amount);
  const script = scriptOf(coin!, PARAMS, {
    scriptGasLimit: 100_000n,
    script: WITHDRAW_SCRIPT,
    scriptData: concatBytes(hexToBytes(to), amountBytes),
  });
  return signed(script, coin!.key, PARAMS.chainId);
}

test('withdrawals from final blocks only, once', { skip: anvilPath() === null }, async (t) => {
  const { rollup } = await openWorld(t);
  const { anvil, settlement, node } = rollup;
  const target: Hex = '0x00000000000000000000000000000000000dead3';
  const one = withdrawal(rollup, asB256(target), 700n);
  const two = withdrawal(rollup, asB256(rollup.inbox), 400_000n);
  await rollup.block(2, [one.raw, two.raw]);
  const tracked = await rollup.tracked();
  const batch = await rollup.commit(tracked.map(({ block }) => block));
  const { store } = node.services;
  const height = store.transaction(one.id)!.pointer.blockHeight;
  const messages = store
    .block(height)!
    .transactionIds.flatMap((id) =>
      store.transaction(id)!.receipts.flatMap((each) => (each.type === 'messageOut' ? [each] : [])),
    );
  const ids = messages.map((out) =>
    hexToBytes(messageId(out.sender, out.recipient, out.nonce, out.amount, out.data)),
  );
  const { parts } = tracked[height - 1]!.state;
  const args = (
    which: number,
    amount: bigint | null = null,
    of: StateParts = parts,
  ): readonly unknown[] => {
    const out = messages[which]!;
    const { proof } = binaryProof(ids, which);
    const { sender, recipient, nonce, data } = out;
    const fields = [sender, recipient, nonce, amount ?? out.amount, bytesToHex(data)];
    const blk = blockProof(0n, batch, height - 1);
    return [blk, of, ...fields, which, proof.map(bytesToHex)];
  };
  const mine = messages.findIndex(({ recipient }) => recipient === asB256(target));
  assert.equal(messages.length, 2);
  assert.equal(await rollup.refusal('relayMessage', args(mine)), 'NotFinal');
  await anvil.pass(WINDOW_S + 1);
  assert.equal(await rollup.refusal('relayMessage', args(mine, 701n)), 'NotInBlock');
  // Of another state, which says that more was sent out.
  const wrong = { ...parts, out: parts.out + 1n };
  assert.equal(await rollup.refusal('relayMessage', args(mine, null, wrong)), 'WrongState');
  // More than the escrow holds for it, and to a contract that does not take plain ether.
  assert.equal(await rollup.refusal('relayMessage', args(1 - mine)), 'PayoutFailed');
  const relay = args(mine);
  await anvil.send('relayMessage', CHALLENGER, settlement, SETTLEMENT, 'relayMessage', relay);
  assert.equal(await anvil.pub.getBalance({ address: target }), 700n * 10n ** 9n);
  assert.equal(await rollup.refusal('relayMessage', relay), 'AlreadyDone');
});

test('the inbox: amounts, sizes, gas of forced transactions, payouts', {
  skip: anvilPath() === null,
}, async (t) => {
  const rollup = await openRollup(t, randomOf(1));
  const { anvil, inbox } = rollup;
  const refusal = (name: string, args: readonly unknown[], value = 0n): Promise<string | null> =>
    anvil.refusal(CHALLENGER, inbox, INBOX, name, args, value);
  const to = `0x${'09'.repeat(32)}`;
  assert.equal(await refusal('depositETH', [to], 1n), 'WrongAmount');
  assert.equal(await refusal('depositETH', [to], 10n ** 9n), null);
  assert.equal(await refusal('sendMessage', [to, `0x${'ab'.repeat(65_536)}`]), 'TooLong');
  assert.equal(await refusal('sendMessage', [to, `0x${'ab'.repeat(65_535)}`]), null);
  assert.equal(await refusal('sendTransaction', [100n, '0x12'], 99n), 'WrongAmount');
  assert.equal(await refusal('sendTransaction', [100n, '0x12'], 100n), null);
  const much = 5_000_001n;
  assert.equal(await refusal('sendTransaction', [much, '0x12'], much), 'ForcedGasExhausted');
  assert.equal(await refusal('sendTransaction', [1n, `0x${'ab'.repeat(65_536)}`], 1n), 'TooLong');
  assert.equal(await refusal('payOut', [`0x${'01'.repeat(20)}`, 1n, '0x']), 'OnlySettlement');
  await rollup.send('sendTransaction', [7n, '0x12'], 7n);
  await rollup.send('sendMessage', [to, '0x']);
  const [first, second] = await rollup.entries();
  const chain = (before: string, id: string): string =>
    sha256Hex(concatBytes(hexToBytes(before), hexToBytes(id)));
  const expected = chain(chain(ZERO_B256, first!.id), second!.id);
  assert.equal(await anvil.read(inbox, INBOX, 'accumulatorAt', [2n]), expected);
});

test('a node commits batches by itself', { skip: anvilPath() === null }, async (t) => {
  const rollup = await openRollup(t, randomOf(3), 4);
  const { anvil, settlement, node } = rollup;
  await grow(rollup);
  const height = (): number => node.services.committer.progress()?.committed?.height ?? 0;
  while (height() < 8) {
    await anvil.test.mine({ blocks: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const count = await anvil.read<bigint>(settlement, SETTLEMENT, 'batchCount');
  const blocks = await rollup.committable();
  for (let index = 0n; index < count; index++) {
    type Stored = { root: string; first: number; last: number; inboxCount: bigint };
    const batch = await anvil.read<Stored>(settlement, SETTLEMENT, 'batchAt', [index]);
    const own = blocks.slice(batch.first - 1, batch.last);
    // The states of the test are followed from the bytes of the blocks alone.
    assert.equal(batch.root, batchOf(own).root);
    assert.equal(batch.inboxCount, own.at(-1)!.inboxCount);
  }
  assert.equal(node.services.committer.progress()?.obstacle, null);
});

test('the deploy script sets the terms that it is given', {
  skip: anvilPath() === null,
}, async (t) => {
  const anvil = await Anvil.start();
  t.after(() => anvil.stop());
  const operator = anvil.wallets[1]!.account.address;
  const flags = {
    '--ethereum': anvil.url,
    '--chain-id': '9889',
    '--base-asset': PARAMS.baseAssetId,
    '--operator': operator,
    '--bond': '3',
    '--window': '77',
    '--genesis-state': `0x${'12'.repeat(32)}`,
  };
  const deploy = (
    given: Record<string, string>,
  ): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const args = [join(ROOT, 'scripts', 'deployContracts.mjs'), ...Object.entries(given).flat()];
      const env = { ...process.env, FUELRAIL_L1_KEY: ANVIL_KEYS[0] };
      execFile(process.execPath, args, { env }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });
  const { out } = await deploy(flags);
  const made = JSON.parse(out) as { settlement: Hex; inbox: Hex; deployHeight: number };
  const rpc = await connectRpc(anvil.url);
  const at = made.settlement.toLowerCase() as Hex;
  const terms = await (await openSettlement(rpc, at, at)).terms();
  assert.deepEqual(terms, {
    chainId: 9_889n,
    baseAsset: PARAMS.baseAssetId,
    bond: 3n * 10n ** 18n,
    windowS: 77,
    inboxDelayS: 43_200,
    firstHeight: 1,
    blocksMax: 1_000,
    genesisState: `0x${'12'.repeat(32)}`,
    transferGas: 1_000_000n,
    inbox: made.inbox.toLowerCase(),
  });
  assert.equal(await anvil.read(made.settlement, SETTLEMENT, 'OPERATOR'), operator);
  // Behind its libraries.
  assert.equal(made.deployHeight, 4);
  const { '--operator': _, ...less } = flags;
  const missing = await deploy(less);
  assert.deepEqual([missing.code, missing.err], [2, '--operator is missing\n']);
});
