import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../primitives/errors.ts';
import type { B256, TxId } from '../../../primitives/types.ts';
import { utxoKeyOf } from '../../../tx/accessKeys.ts';
import type { Input, Output } from '../../../tx/types.ts';
import { DEFAULT_POOL_CONFIG } from '../../../txpool/config.ts';
import { partitionByAccess } from '../../../txpool/partition.ts';
import { type PoolChange, TxPool } from '../../../txpool/pool.ts';
import type { PooledTx } from '../../../txpool/types.ts';
import {
  ASSET,
  coinInput,
  coinOutput,
  contractInput,
  createdOutput,
  FakeView,
  id,
  OWNER,
  poolTx,
} from '../../support/poolTx.ts';
import { mulberry } from '../../support/random.ts';

const SEED = 99_214;

/** A chain of one: executes what the pool gives, and insists that it can. */
class Chain {
  readonly view = new FakeView();
  /** Fate of every transaction that the pool accepted. */
  readonly live = new Set<TxId>();

  canRun(tx: PooledTx, created: { coins: Set<string>; contracts: Set<string> }): boolean {
    for (const input of tx.tx.inputs) {
      if (input.type === 'coin') {
        const key = utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex);
        if (this.view.coins.has(key)) this.view.coins.delete(key);
        else if (!created.coins.delete(key)) return false;
      } else if (input.type === 'contract') {
        const known = this.view.contracts.has(input.contractId);
        if (!known && !created.contracts.has(input.contractId)) return false;
      }
    }
    tx.tx.outputs.forEach((output, index) => {
      if (output.type === 'coin') created.coins.add(utxoKeyOf(tx.id, index));
      if (output.type === 'contractCreated') created.contracts.add(output.contractId);
    });
    return true;
  }
}

test(`random life of a pool (seed ${SEED})`, () => {
  const next = mulberry(SEED);
  const pick = (count: number): number => Math.floor(next() * count);
  let inserted = 0;
  let blocks = 0;
  let replaced = 0;
  let skips = 0;
  for (let round = 0; round < 15; round += 1) {
    const chain = new Chain();
    const { view, live } = chain;
    const pool = new TxPool(
      { ...DEFAULT_POOL_CONFIG, txCountMax: 60, depthMax: 6, ttlMs: 4000 },
      { utxoValidation: true, view: () => view },
    );
    const spendable: { txId: B256; index: number }[] = [];
    let serial = 1_000_000;
    let nowMs = 0;
    let height = 0;

    const apply = (change: PoolChange): void => {
      for (const tx of change.inserted) {
        assert.ok(!live.has(tx.id), 'enters once');
        live.add(tx.id);
        inserted += 1;
      }
      for (const gone of change.squeezedOut) assert.ok(live.delete(gone.id), 'leaves once');
    };
    const checkBooks = (): void => {
      const entries = pool.entries();
      const sum = (f: (tx: PooledTx) => bigint): bigint =>
        entries.reduce((total, tx) => total + f(tx), 0n);
      assert.deepEqual(pool.stats(), {
        txCount: entries.length,
        totalGas: sum((tx) => tx.maxGas),
        totalSizeBytes: Number(sum((tx) => BigInt(tx.sizeBytes))),
      });
      assert.equal(live.size, entries.length + pool.counts().inFlight);
      // Executable: nothing that it uses is made by a transaction that entered before it.
      const made = new Set<string>();
      const free = entries.filter(({ id: txId, tx }) => {
        const waits = tx.inputs.some((input) =>
          input.type === 'coin'
            ? made.has(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex))
            : input.type === 'contract' && made.has(input.contractId),
        );
        tx.outputs.forEach((output, i) => {
          if (output.type === 'coin') made.add(utxoKeyOf(txId, i));
          else if (output.type === 'contractCreated') made.add(output.contractId);
        });
        return !waits;
      });
      assert.equal(pool.counts().executable, free.length);
      // Disjoint sets: kept by the pool as computed from scratch.
      const named = entries.map(({ access }) => ({ ...access, numbers: undefined }));
      const { sets } = partitionByAccess(named);
      const view = pool.partitionView({ setCountMax: 1_000, keyCountMax: 0 });
      assert.equal(view.setCount, sets.length);
      const idsOf = (set: readonly number[]): TxId[] => set.map((i) => (entries[i] as PooledTx).id);
      assert.deepEqual(
        view.sets.map((set) => set.txIds.join()).sort(),
        sets.map((set) => idsOf(set).join()).sort(),
      );
    };

    for (let step = 0; step < 400; step += 1) {
      nowMs += pick(30);
      const action = next();
      if (action < 0.9) {
        const inputs: Input[] = [];
        for (let i = pick(3); i >= 0; i -= 1) {
          if (next() < 0.3 || spendable.length === 0) {
            serial += 1;
            view.fund(id(serial));
            inputs.push(coinInput(id(serial)));
            continue;
          }
          const recent = spendable.slice(-16);
          const { txId, index } = recent[pick(recent.length)] as (typeof spendable)[0];
          const twice = inputs.some(
            (i) => i.type === 'coin' && i.utxoId.txId === txId && i.utxoId.outputIndex === index,
          );
          if (!twice) inputs.push(coinInput(txId, index));
        }
        if (next() < 0.2) inputs.push(contractInput(id(500 + pick(6))));
        const outputs: Output[] = [coinOutput(), coinOutput()];
        if (next() < 0.05) outputs.push(createdOutput(id(500 + pick(6))));
        serial += 1;
        const tx = poolTx(serial, {
          inputs,
          outputs,
          tip: BigInt(pick(100)),
          gas: BigInt(1 + pick(50)),
          bytes: 1 + pick(300),
          ...(next() < 0.1 ? { expiration: BigInt(height + 2) } : {}),
        });
        try {
          const change = pool.insert(tx, nowMs);
          replaced += change.squeezedOut.length;
          apply(change);
          spendable.push({ txId: tx.id, index: 0 }, { txId: tx.id, index: 1 });
        } catch (error) {
          assert.ok(error instanceof CodedError, String(error));
        }
      } else if (action < 0.98) {
        const taken = pool.take({
          gasLimit: BigInt(pick(600)),
          bytesLimit: 100_000n,
          countLimit: 30,
          gasPrice: 0n,
        });
        if (next() < 0.1) {
          apply(
            pool.release(
              taken.map((tx) => tx.id),
              nowMs,
            ),
          );
          checkBooks();
          continue;
        }
        const created = { coins: new Set<string>(), contracts: new Set<string>() };
        const included: PooledTx[] = [];
        const skipped: { id: TxId; reason: string }[] = [];
        const dead = new Set<TxId>();
        for (const tx of taken) {
          const orphan = tx.tx.inputs.some((i) => i.type === 'coin' && dead.has(i.utxoId.txId));
          const usesDead = tx.tx.inputs.some(
            (i) =>
              i.type === 'contract' &&
              !view.contracts.has(i.contractId) &&
              !created.contracts.has(i.contractId),
          );
          if (orphan || (usesDead && dead.size > 0) || next() < 0.05) {
            dead.add(tx.id);
            skipped.push({ id: tx.id, reason: 'no' });
            skips += 1;
            continue;
          }
          assert.ok(chain.canRun(tx, created), 'everything that is taken can run');
          included.push(tx);
        }
        for (const key of created.coins) {
          view.coins.set(key as `0x${string}`, { owner: OWNER, amount: 100n, assetId: ASSET });
        }
        for (const contract of created.contracts) view.contracts.add(contract as B256);
        for (const tx of included) {
          view.transactions.add(tx.id);
          live.delete(tx.id);
        }
        apply(pool.onBlock({ transactions: included, skipped }, nowMs));
        height += 1;
        blocks += 1;
        apply(pool.expireByHeight(height));
      } else apply(pool.expire(nowMs));
      checkBooks();
    }
    assert.equal(pool.counts().inFlight, 0);
  }
  assert.ok(
    inserted > 1000 && blocks > 200 && replaced > 200 && skips > 20,
    `it was a life: ${inserted} ${blocks} ${replaced} ${skips}`,
  );
});
