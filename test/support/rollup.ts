/** Real blocks of this node, committed to the project's own contract on anvil. */
import type { TestContext } from 'node:test';
import type { Hex, TransactionReceipt } from 'viem';
import { parseEther } from 'viem';
import { type RelayedEvent, relayedEventId } from '../../executor/relayed.ts';
import { composeNode, type Node } from '../../node/compose.ts';
import type { NodeConfig } from '../../node/config.ts';
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
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import type { HeaderFields } from '../../tx/header.ts';
import { computeHeader, transactionsRoot } from '../../tx/header.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import {
  coinKey,
  coinValue,
  type StateParts,
  stateRootOf,
  UtxoState,
} from '../../tx/stateSteps.ts';
import type { Input } from '../../tx/types.ts';
import { ANVIL_KEYS, Anvil } from './anvil.ts';
import { type BlockState, followBlock, type TxOutcome, withState } from './blockStates.ts';
import {
  type Coin,
  coinOf,
  type FundedChain,
  fundedChain,
  keyOf,
  roomyParams,
  scriptOf,
  signed,
  transferOf,
} from './funded.ts';
import { deploySettlement, INBOX, PROBE, SETTLEMENT } from './settlementContracts.ts';
import { until } from './until.ts';

export const PARAMS: ConsensusParameters = { ...roomyParams(), chainId: 9_889n };
export const BOND: bigint = parseEther('2');
export const WINDOW_S = 1_000;
export const INBOX_DELAY_S = 600;
export const SILENCE_S = 3_600;
export const ESCAPE_S = 7_200;
/** More than any transfer of the tests may use. */
export const TRANSFER_GAS = 1_000_000n;
export const OPERATOR = 0;
export const CHALLENGER = 1;
const KEYS = 4;
const NOWHERE = { blockHeight: 0, txIndex: 0 };

const genesisCoins = (): Coin[] => Array.from({ length: 60 }, (_, n) => coinOf(n, 1_000_000n, 15));

/** The genesis that all of these chains have. */
export function rollupSnapshot(): FundedChain {
  return fundedChain(genesisCoins(), [], PARAMS);
}

/** Coins and messages before the first block. */
export function genesisState(): UtxoState {
  const state = new UtxoState(0n);
  for (const { key, utxoId, amount } of genesisCoins()) {
    const { address: owner } = key;
    const value = coinValue({ owner, amount, assetId: PARAMS.baseAssetId, txPointer: NOWHERE });
    const at = coinKey(utxoKeyOf(utxoId.txId, utxoId.outputIndex));
    state.apply([{ tree: 'coins', key: at, value }]);
  }
  return state;
}

const STATE_TREE = { historyBlocks: 1_000 };

/** The state before the first block, by a node of its own. */
async function genesisParts(): Promise<StateParts> {
  const config = embeddedConfig({
    trigger: { type: 'never' },
    workerCount: 0,
    stateTree: STATE_TREE,
  });
  const snapshot = rollupSnapshot();
  const node = await composeNode(config, { log: SILENT_LOG, snapshot });
  await node.start();
  const parts = await rootsAt(node, 0);
  await node.close();
  return parts;
}

/** What the node's tree says of a block, as soon as it is there. */
async function rootsAt(node: Node, height: number): Promise<StateParts> {
  for (;;) {
    const roots = (await node.services.stateTree?.rootsAt(height)) ?? null;
    if (roots !== null) return roots;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export class Rollup {
  readonly anvil: Anvil;
  readonly settlement: Hex;
  readonly inbox: Hex;
  readonly node: Node;
  /** The state before the first block. */
  readonly genesis: StateParts;
  readonly coins: Coin[] = genesisCoins();
  private readonly random: (below: number) => number;

  constructor(
    anvil: Anvil,
    settlement: Hex,
    inbox: Hex,
    node: Node,
    genesis: StateParts,
    random: (n: number) => number,
  ) {
    this.anvil = anvil;
    this.settlement = settlement;
    this.inbox = inbox;
    this.node = node;
    this.genesis = genesis;
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
    const { relayer } = this.node.services;
    await until('read', () => (relayer.progress()?.read ?? 0n) >= tip);
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

  /** Everything that was sent to the inbox, in its order. */
  async events(): Promise<RelayedEvent[]> {
    const reader = await openL1Reader({ urls: [this.anvil.url] });
    const logs = await reader.logs(0n, await this.anvil.pub.getBlockNumber(), [
      this.inbox as never,
    ]);
    return logs.flatMap((log) => decodeInboxLog(log) ?? []);
  }

  /** Ids of all entries of the inbox, with their Ethereum blocks. */
  async entries(): Promise<{ id: B256; block: bigint }[]> {
    return (await this.events()).map((event) => ({
      id: relayedEventId(event),
      block: event.type === 'message' ? event.message.daHeight : event.daHeight,
    }));
  }

  private outcome(id: B256): TxOutcome {
    const { receipts } = this.node.services.store.transaction(id)!;
    const failed = receipts.some((each) => each.type === 'scriptResult' && each.result !== 0n);
    const sent = receipts.flatMap((each) => (each.type === 'messageOut' ? [each.amount] : []));
    return { failed, sent: failed ? 0n : sent.reduce((sum, amount) => sum + amount, 0n) };
  }

  /** Blocks 1 to the newest with their steps, as they are committed. */
  async tracked(): Promise<{ block: CommittedBlock; state: BlockState }[]> {
    const { store } = this.node.services;
    const [events, entries] = [await this.events(), await this.entries()];
    const state = genesisState();
    let before = 0;
    const made: { block: CommittedBlock; state: BlockState }[] = [];
    for (let height = 1; height <= store.latest.height; height++) {
      const { header, transactionIds } = store.block(height)!;
      const inboxCount = entries.filter(({ block }) => block <= header.daHeight).length;
      const transactions = transactionIds.map((id) => store.transaction(id)!.raw);
      const block = { header, inboxCount: BigInt(inboxCount), transactions };
      const taken = events.slice(before, inboxCount);
      before = inboxCount;
      const outcomes = transactionIds.map((id) => this.outcome(id));
      const { rest } = await rootsAt(this.node, height);
      const chain = { chainId: PARAMS.chainId, baseAsset: PARAMS.baseAssetId, rest };
      const followed = followBlock(state, block, taken, outcomes, chain);
      made.push({ block: withState(block, followed.steps, followed.parts), state: followed });
    }
    return made;
  }

  /** Blocks 1 to the newest, as they are committed. */
  async committable(): Promise<CommittedBlock[]> {
    return (await this.tracked()).map(({ block }) => block);
  }

  /** Commits the next blocks. */
  async commit(
    blocks: readonly CommittedBlock[],
    parent: B256 = ZERO_B256,
    from: number = OPERATOR,
  ): Promise<BatchOf> {
    const batch = batchOf(blocks);
    const args = commitArguments(batch, parent, Uint8Array.of(2, 3));
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
    // What the inbox and the libraries refuse comes through the settlement.
    const errors = [...INBOX.abi, ...PROBE.abi].filter(({ type }) => type === 'error');
    const abi = [...SETTLEMENT.abi, ...errors];
    return this.anvil.refusal(from, this.settlement, { abi }, name, args, value);
  }
}

/**
 * @param commits the node commits batches of so many blocks by itself; null: the test does
 * @param more other settings of the node
 */
export async function openRollup(
  t: Pick<TestContext, 'after'>,
  random: (below: number) => number,
  commits: number | null = null,
  more: Partial<NodeConfig> = {},
): Promise<Rollup> {
  const anvil = await Anvil.start();
  t.after(() => anvil.stop());
  const genesis = await genesisParts();
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
    genesisState: stateRootOf(genesis),
    escape: BigInt(ESCAPE_S),
    transferGas: TRANSFER_GAS,
  };
  const settlement = await deploySettlement(anvil, [terms, 5_000_000n, 1n]);
  const inbox = (await anvil.read<Hex>(settlement, SETTLEMENT, 'INBOX')).toLowerCase() as Hex;
  const config = embeddedConfig({
    trigger: { type: 'never' },
    workerCount: 0,
    stateTree: STATE_TREE,
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
    ...more,
  });
  const snapshot = rollupSnapshot();
  const node = await composeNode(config, { log: SILENT_LOG, snapshot });
  t.after(() => node.close());
  await node.start();
  return new Rollup(anvil, settlement, inbox, node, genesis, random);
}

/** A chain with deposits, forced transactions, transfers over transfers, messages spent. */
export async function grow(rollup: Rollup): Promise<void> {
  const [alice] = [keyOf(0)];
  await rollup.send('depositETH', [alice.address], parseEther('0.000001'));
  await rollup.send('sendMessage', [alice.address, '0xabcd']);
  await rollup.block(4);
  const forced = transferOf(rollup.coins.shift()!, alice.address, 5n, PARAMS);
  const gas = TRANSFER_GAS;
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
