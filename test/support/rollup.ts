/** Real blocks of this node, committed to the project's own contract on anvil. */
import type { TestContext } from 'node:test';
import type { Hex, TransactionReceipt } from 'viem';
import { parseEther } from 'viem';
import { relayedEventId } from '../../executor/relayed.ts';
import { composeNode, type Node } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import type { B256 } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import {
  type BatchOf,
  batchOf,
  type CommittedBlock,
  commitArguments,
  decodeInboxLog,
  openL1Reader,
} from '../../settlement/index.ts';
import { maxGas } from '../../tx/fees.ts';
import type { HeaderFields } from '../../tx/header.ts';
import { computeHeader, transactionsRoot } from '../../tx/header.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { Input } from '../../tx/types.ts';
import { ANVIL_KEYS, Anvil } from './anvil.ts';
import {
  type Coin,
  coinOf,
  fundedChain,
  keyOf,
  roomyParams,
  scriptOf,
  signed,
  transferOf,
} from './funded.ts';
import { INBOX, SETTLEMENT } from './settlementContracts.ts';

export const PARAMS: ConsensusParameters = { ...roomyParams(), chainId: 9_889n };
export const BOND: bigint = parseEther('2');
export const WINDOW_S = 1_000;
export const INBOX_DELAY_S = 600;
export const SILENCE_S = 3_600;
export const OPERATOR = 0;
export const CHALLENGER = 1;
const KEYS = 4;

export class Rollup {
  readonly anvil: Anvil;
  readonly settlement: Hex;
  readonly inbox: Hex;
  readonly node: Node;
  readonly coins: Coin[] = Array.from({ length: 60 }, (_, n) => coinOf(n, 1_000_000n, 15));
  private readonly random: (below: number) => number;

  constructor(
    anvil: Anvil,
    settlement: Hex,
    inbox: Hex,
    node: Node,
    random: (n: number) => number,
  ) {
    this.anvil = anvil;
    this.settlement = settlement;
    this.inbox = inbox;
    this.node = node;
    this.random = random;
  }

  /** Sends transfers of random coins, makes a block, and learns what came out of it. */
  async block(transfers: number, more: readonly Uint8Array[] = []): Promise<void> {
    const { store, txs, blocks } = this.node.services;
    const sent: string[] = [];
    for (let i = 0; i < transfers; i++) {
      const [coin] = this.coins.splice(this.random(this.coins.length), 1);
      const to = keyOf(this.random(KEYS)).address;
      const transfer = transferOf(coin!, to, coin!.amount / 2n, PARAMS);
      await txs.submit(transfer.raw);
      sent.push(transfer.id);
    }
    for (const raw of more) await txs.submit(raw);
    await blocks.produceBlocks(1, null);
    for (const id of sent) {
      const { tx } = store.transaction(id as B256)!;
      if (tx.type === 'mint') continue;
      tx.outputs.forEach((output, outputIndex) => {
        if (output.type !== 'coin' && output.type !== 'change') return;
        const key = [0, 1, 2, 3].map(keyOf).find(({ address }) => address === output.to);
        const utxoId = { txId: id as B256, outputIndex };
        if (key !== undefined) this.coins.push({ key, utxoId, amount: output.amount });
      });
    }
  }

  /** Everything that was sent to the inbox is in a block afterwards. */
  async takeIn(): Promise<void> {
    const tip = await this.anvil.pub.getBlockNumber();
    await this.anvil.test.mine({ blocks: 4 });
    while ((this.node.services.relayer.progress()?.read ?? 0n) < tip) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await this.node.services.blocks.produceBlocks(1, null);
  }

  send(
    name: string,
    args: readonly unknown[],
    value: bigint = 0n,
    label: string = name,
  ): Promise<TransactionReceipt> {
    return this.anvil.send(label, CHALLENGER, this.inbox, INBOX, name, args, value);
  }

  /** Ids of all entries of the inbox, with their Ethereum blocks. */
  async entries(): Promise<{ id: B256; block: bigint }[]> {
    const reader = await openL1Reader({ urls: [this.anvil.url] });
    const logs = await reader.logs(0n, await this.anvil.pub.getBlockNumber(), [
      this.inbox as never,
    ]);
    return logs.flatMap((log) => {
      const event = decodeInboxLog(log);
      return event === null ? [] : [{ id: relayedEventId(event), block: log.blockNumber }];
    });
  }

  /** Blocks 1 to the newest, as they are committed. */
  async committable(): Promise<CommittedBlock[]> {
    const { store } = this.node.services;
    const entries = await this.entries();
    return Array.from({ length: store.latest.height }, (_, i) => {
      const { header, transactionIds } = store.block(i + 1)!;
      const inboxCount = entries.filter(({ block }) => block <= header.daHeight).length;
      const transactions = transactionIds.map((id) => store.transaction(id)!.raw);
      return { header, inboxCount: BigInt(inboxCount), transactions };
    });
  }

  /** Commits the next blocks. */
  async commit(
    blocks: readonly CommittedBlock[],
    parent: B256 = ZERO_B256,
    from: number = OPERATOR,
  ): Promise<BatchOf> {
    const batch = batchOf(blocks);
    const args = commitArguments(batch, parent, Uint8Array.of(1, 2, 3));
    await this.anvil.send(
      'commitBatch',
      from,
      this.settlement,
      SETTLEMENT,
      'commitBatch',
      args,
      BOND,
    );
    return batch;
  }

  refusal(
    name: string,
    args: readonly unknown[],
    from: number = CHALLENGER,
    value: bigint = 0n,
  ): Promise<string | null> {
    // What the inbox refuses comes through the settlement.
    const errors = INBOX.abi.filter(({ type }) => type === 'error');
    const abi = [...SETTLEMENT.abi, ...errors];
    return this.anvil.refusal(from, this.settlement, { abi }, name, args, value);
  }
}

/** @param commits the node commits batches of so many blocks by itself; null: the test does */
export async function openRollup(
  t: Pick<TestContext, 'after'>,
  random: (below: number) => number,
  commits: number | null = null,
): Promise<Rollup> {
  const anvil = await Anvil.start();
  t.after(() => anvil.stop());
  const terms = {
    chainId: PARAMS.chainId,
    baseAsset: PARAMS.baseAssetId,
    operator: anvil.wallets[OPERATOR]!.account.address,
    bond: BOND,
    window: BigInt(WINDOW_S),
    inboxDelay: BigInt(INBOX_DELAY_S),
    silence: BigInt(SILENCE_S),
    firstHeight: 1,
    blocksMax: 50,
  };
  const settlement = await anvil.deploy('Settlement', SETTLEMENT, [terms, 5_000_000n, 1n]);
  const inbox = (await anvil.read<Hex>(settlement, SETTLEMENT, 'INBOX')).toLowerCase() as Hex;
  const config = embeddedConfig({
    trigger: { type: 'never' },
    workerCount: 0,
    relayer: {
      urls: [anvil.url],
      contracts: [inbox as never],
      deployHeight: 0n,
      pageSize: 100,
      maxLogsPerPage: 100,
      minRoundMs: 30,
      syncingPollMs: 30,
      syncingLogMs: 1_000,
    },
    rollup:
      commits === null
        ? null
        : {
            url: anvil.url,
            settlement: settlement.toLowerCase() as Hex,
            secret: ANVIL_KEYS[OPERATOR]!,
            blocksPerBatch: commits,
            maxWaitMs: 3_600_000,
            pollMs: 20,
            bumpAfterMs: 5_000,
            maxFeeCap: 100_000_000_000n,
          },
  });
  const coins = Array.from({ length: 60 }, (_, n) => coinOf(n, 1_000_000n, 15));
  const snapshot = fundedChain(coins, [], PARAMS);
  const node = await composeNode(config, { log: SILENT_LOG, snapshot });
  t.after(() => node.close());
  await node.start();
  return new Rollup(anvil, settlement, inbox, node, random);
}

/** A chain with deposits, forced transactions, transfers over transfers, messages spent. */
export async function grow(rollup: Rollup): Promise<void> {
  const [alice] = [keyOf(0)];
  await rollup.send('depositETH', [alice.address], parseEther('0.000001'));
  await rollup.send('sendMessage', [alice.address, '0xabcd']);
  await rollup.block(4);
  const forced = transferOf(rollup.coins.shift()!, alice.address, 5n, PARAMS);
  const gas = maxGas(forced.tx, PARAMS);
  await rollup.send('sendTransaction', [gas, bytesToHex(forced.raw)], gas);
  await rollup.send('sendTransaction', [gas, '0x1234'], gas);
  await rollup.takeIn();
  await rollup.block(5);
  const messages = await rollup.node.services.store.messages(alice.address, { limit: 5 });
  const plain = messages.find(({ data }) => data.length === 0)!;
  const input: Input = {
    type: 'message',
    sender: plain.sender,
    recipient: plain.recipient,
    amount: plain.amount,
    nonce: plain.nonce,
    data: plain.data,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: new Uint8Array(0),
    predicateData: new Uint8Array(0),
  };
  const spend = scriptOf(coinOf(0), PARAMS, { inputs: [input], policies: { maxFee: 1_000n } });
  await rollup.block(3, [signed(spend, alice, PARAMS.chainId).raw]);
  await rollup.send('depositETH', [keyOf(1).address], parseEther('0.000002'));
  await rollup.takeIn();
  for (let i = 0; i < 3; i++) await rollup.block(6);
}

/** The same block with other transactions or header fields: its id is another, and true to them. */
export function forged(
  block: CommittedBlock,
  transactions: readonly Uint8Array[],
  over: Partial<HeaderFields> = {},
): CommittedBlock {
  const fields: HeaderFields = {
    ...block.header,
    transactionsCount: transactions.length,
    transactionsRoot: transactionsRoot(transactions),
    ...over,
  };
  return { ...block, header: computeHeader(fields), transactions };
}

/** A public key as the contract takes it. */
export function keyWords(key: Uint8Array): [Hex, Hex] {
  return [bytesToHex(key.subarray(0, 32)), bytesToHex(key.subarray(32))];
}

export const ANY_KEY: [Hex, Hex] = keyWords(hexToBytes(`0x${'07'.repeat(64)}`));
