/** Node services over a `FakeStore`: nothing is executed, tests decide what happens. */

import type { SealedBlock } from '../../executor/ports.ts';
import type { NodeConfig } from '../../node/config.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import type { DryRunResult, NodeServices } from '../../node/services.ts';
import { StatusHub } from '../../node/statusHub.ts';
import type { Address, AssetId, BlockHeight, TxId, UtxoKey } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { decodeTx } from '../../tx/codec/transaction.ts';
import { minGas } from '../../tx/fees.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import { standardParams } from '../../tx/paramsStandard.ts';
import type { ChargeableTx, ScriptTx, Transaction } from '../../tx/types.ts';
import { FakeStore } from './fakeStore.ts';

/** Some time, for statuses. */
export const EPOCH_STATUS: bigint = 4611686018427387914n;

export type DryRunOptions = Parameters<NodeServices['dryRuns']['dryRun']>[1];

/** What tests look at and change. */
export type Fake = {
  readonly services: NodeServices;
  readonly store: FakeStore;
  readonly hub: StatusHub;
  readonly params: ConsensusParameters;
  readonly submitted: Uint8Array[];
  readonly dryRunCalls: { txs: readonly ChargeableTx[]; options: DryRunOptions }[];
  /** Called by `submit` after the transaction is noted. */
  onSubmit: (id: TxId, tx: Transaction) => Promise<void>;
  /** Answer to a dry run of one transaction. */
  onDryRun: (tx: ChargeableTx) => Partial<DryRunResult>;
  /** Called by `estimatePredicates`. */
  onEstimate: (tx: ChargeableTx) => ChargeableTx;
  /** A new visible height: wakes whoever waits. */
  announce(): void;
  readonly waiters: Set<() => void>;
};

export function b256(n: number): `0x${string}` {
  return `0x${n.toString(16).padStart(64, '0')}`;
}
export function utxoKey(n: number): UtxoKey {
  return `${b256(n)}0000`;
}

/** A script with nothing in it but its bytes. */
export function plainScript(over: Partial<ScriptTx> = {}): ScriptTx {
  return {
    type: 'script',
    scriptGasLimit: 1_000n,
    receiptsRoot: ZERO_B256,
    script: new Uint8Array(0),
    scriptData: new Uint8Array(0),
    policies: { maxFee: 0n },
    inputs: [],
    outputs: [],
    witnesses: [],
    ...over,
  };
}

export function addCoin(
  store: FakeStore,
  n: number,
  owner: Address,
  assetId: AssetId,
  amount: bigint,
): void {
  const txPointer = { blockHeight: 0, txIndex: n };
  store.coinRows.push({ key: utxoKey(n), owner, assetId, amount, txPointer });
}

function dryRunResult(fake: Fake, tx: ChargeableTx): DryRunResult {
  return {
    id: txId(tx, fake.params.chainId),
    success: true,
    programState: { type: 'return', value: 1n },
    reason: null,
    totalGas: minGas(tx, fake.params),
    totalFee: 1n,
    receipts: [],
    tx,
    ...fake.onDryRun(tx),
  };
}

function txService(fake: Fake): NodeServices['txs'] {
  return {
    async submit(raw) {
      const { tx } = decodeTx(raw);
      const id = txId(tx, fake.params.chainId);
      fake.submitted.push(raw);
      await fake.onSubmit(id, tx);
      return { id, tx };
    },
    pooled: () => null,
    stats: () => ({ txCount: 3, totalGas: 500n, totalSizeBytes: 900 }),
    gauges: () => ({ verifying: 1, pending: 2, inFlight: 4, executable: 3 }),
    fairness: () => ({
      oldestAgeMs: 1_500,
      overdueTakenCount: 6,
      heldBackCount: 7,
      hotContracts: [{ contractId: b256(0xc0), txCount: 2 }],
    }),
  };
}

function dryRunService(fake: Fake): NodeServices['dryRuns'] {
  return {
    async dryRun(txs, options) {
      fake.dryRunCalls.push({ txs, options });
      return { results: txs.map((tx) => dryRunResult(fake, tx)), storageReads: [] };
    },
    estimatePredicates: async (tx) => fake.onEstimate(tx),
  };
}

function waitForHeight(fake: Fake, height: BlockHeight, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (fake.store.latest.height < height) return;
      fake.waiters.delete(look);
      resolve();
    };
    fake.waiters.add(look);
    signal.addEventListener('abort', () => reject(new Error('aborted')));
    look();
  });
}

function servicesOf(fake: Fake, config: NodeConfig): NodeServices {
  const listeners = new Set<(block: SealedBlock) => void>();
  return {
    config,
    store: fake.store,
    txs: txService(fake),
    status: fake.hub,
    blocks: {
      async produceBlocks(count) {
        for (let i = 0; i < count; i++) fake.store.addBlock([]);
        fake.announce();
        return fake.store.latest.height;
      },
      onBlock(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    dryRuns: dryRunService(fake),
    gasPrice: { next: () => 1n, worstCase: (horizon) => 1n + BigInt(horizon), latest: () => 0n },
    relayer: { progress: () => null },
    committer: { progress: () => null },
    params: () => ({ version: 0, params: fake.params }),
    visibleHeight: () => fake.store.latest.height,
    waitForHeight: (height, signal) => waitForHeight(fake, height, signal),
    chainName: () => 'fake chain',
  };
}

export function fakeServices(
  over: Partial<NodeConfig> = {},
  params: ConsensusParameters = standardParams(),
): Fake {
  const store = new FakeStore(params);
  const hub = new StatusHub(
    { subscriptionCountMax: 100, droppedTtlMs: 60_000 },
    { committed: () => null, nowMs: () => 0 },
  );
  const waiters = new Set<() => void>();
  const fake = {
    store,
    hub,
    params,
    submitted: [],
    dryRunCalls: [],
    onSubmit: async () => {},
    onDryRun: () => ({}),
    onEstimate: (tx: ChargeableTx) => tx,
    announce: () => {
      for (const look of [...waiters]) look();
    },
    waiters,
  } as unknown as Fake;
  (fake as { services: NodeServices }).services = servicesOf(fake, embeddedConfig(over));
  return fake;
}
