/** The development controls over the parts of one node. */
import type { Changes } from '../../executor/ports.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { tai64ToUnix, unixSecondsToTai64 } from '../../primitives/tai64.ts';
import type { B256, ContractId, Tai64, TxId, UtxoKey } from '../../primitives/types.ts';
import type { ChainConfig } from '../../state/chainConfig.ts';
import { genesisBlock } from '../../state/genesis.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { GasPrice } from '../gasPrice.ts';
import type { ClockState, DevClock } from './clock.ts';
import { dumpState, snapshotOf } from './dump.ts';
import {
  balanceChanges,
  coinChanges,
  contractChanges,
  madeUpTxId,
  messageChanges,
  slotChanges,
} from './edits.ts';
import type { Impersonation } from './impersonation.ts';
import type { LateSigning } from './lateSigning.ts';
import type { DevState } from './state.ts';
import type { ContractEdit, DevControls, DevStatus, ForkStatus } from './types.ts';

/** Blocks in one call of `mine`. */
export const MINE_COUNT_MAX = 1_000_000;
/** When more are made at once, they are signed when somebody looks. */
const SIGNED_COUNT_MAX = 16;
/** Blocks after which others get the thread. */
const MINE_STEP_BLOCKS = 256;
/** Longest time between two mined blocks. Unit: seconds. */
export const MINE_INTERVAL_SECONDS_MAX = 31_536_000;

/** What the controls need of the node around them. */
export type DevParts = {
  readonly state: DevState;
  readonly clock: DevClock;
  readonly impersonation: Impersonation;
  readonly chainConfig: () => Pick<ChainConfig, 'chainName' | 'consensus'>;
  /** Another chain was loaded. */
  readonly replaced: (chainConfig: Pick<ChainConfig, 'chainName' | 'consensus'>) => void;
  readonly params: () => { version: number; params: ConsensusParameters };
  readonly signing: LateSigning;
  /** Runs while no block is being made. */
  readonly betweenBlocks: <T>(job: () => Promise<T>) => Promise<T>;
  readonly makeBlock: (time: Tai64) => Promise<void>;
  readonly autoMine: { isOn(): boolean; set(on: boolean): void };
  readonly gasPrice: Pick<GasPrice, 'save' | 'restore'>;
  readonly pool: {
    /** Bytes of all that waits, in the order in which it came. */
    raws(): readonly { readonly id: TxId; readonly raw: Uint8Array }[];
    /** An empty pool, then these. */
    restore(raws: readonly { readonly id: TxId; readonly raw: Uint8Array }[]): Promise<void>;
  };
  /** Blocks above this height are not the chain's any more. */
  readonly forgetAbove: (height: number) => void;
  /** The state is about to be changed outside of blocks. */
  readonly edited: (changes: Changes) => void;
  readonly fork: (() => ForkStatus) | null;
};

type Saved = {
  readonly clock: ClockState;
  readonly gasPrice: ReturnType<GasPrice['save']>;
  readonly autoMine: boolean;
  readonly impersonated: readonly B256[];
  readonly pool: ReturnType<DevParts['pool']['raws']>;
};

export function createDevControls(parts: DevParts): DevControls {
  return new Controls(parts);
}

class Controls implements DevControls {
  readonly #parts: DevParts;
  readonly #saved: Map<number, Saved> = new Map();
  /** Threads keep the code of a contract by its id. */
  readonly #codeHashes: Map<ContractId, B256> = new Map();
  #madeUp = 0;

  constructor(parts: DevParts) {
    this.#parts = parts;
  }

  status(): DevStatus {
    const { state, clock, autoMine, impersonation, fork } = this.#parts;
    const { height, time } = state.store.latest;
    const { offsetMs, frozenAtMs } = clock.state();
    return {
      height,
      blockUnixSeconds: Number(tai64ToUnix(time)),
      clockUnixSeconds: clock.now(),
      clock: frozenAtMs !== null ? 'frozen' : offsetMs === null ? 'machine' : 'shifted',
      autoMine: autoMine.isOn(),
      snapshots: state.engine.marks(),
      impersonated: impersonation.owners(),
      fork: fork === null ? null : fork(),
    };
  }

  snapshot(): Promise<number> {
    const { state, clock, gasPrice, autoMine, impersonation, pool, betweenBlocks } = this.#parts;
    return betweenBlocks(async () => {
      const id = state.engine.mark();
      this.#saved.set(id, {
        clock: clock.state(),
        gasPrice: gasPrice.save(),
        autoMine: autoMine.isOn(),
        impersonated: impersonation.owners(),
        pool: pool.raws(),
      });
      return id;
    });
  }

  async revert(id: number): Promise<DevStatus> {
    const { state, clock, gasPrice, impersonation, pool, betweenBlocks, autoMine } = this.#parts;
    const saved = await betweenBlocks(async () => {
      await state.revert(id);
      const found = this.#saved.get(id) as Saved;
      for (const later of this.#saved.keys()) if (later > id) this.#saved.delete(later);
      this.#parts.forgetAbove(state.store.latest.height);
      clock.restore(found.clock);
      gasPrice.restore(found.gasPrice);
      impersonation.remove(null);
      for (const owner of found.impersonated) impersonation.add(owner);
      autoMine.set(false);
      await pool.restore(found.pool);
      return found;
    });
    autoMine.set(saved.autoMine);
    return this.status();
  }

  async dropSnapshot(id: number): Promise<void> {
    this.#parts.state.engine.drop(id);
    this.#saved.delete(id);
  }

  dump(): ReturnType<DevControls['dump']> {
    const { state, betweenBlocks, chainConfig, params, fork } = this.#parts;
    if (fork !== null) {
      throw new CodedError(
        'DEV_DUMP_FORK',
        'a fork holds only what was looked at: keep its --fork-cache directory instead of a dump',
      );
    }
    return betweenBlocks(() =>
      dumpState({
        engine: state.engine,
        store: state.store,
        params: params(),
        chainConfig: chainConfig(),
      }),
    );
  }

  async load(files: Parameters<DevControls['load']>[0]): Promise<DevStatus> {
    const { state, pool, betweenBlocks, autoMine, fork } = this.#parts;
    if (fork !== null) {
      throw new CodedError(
        'DEV_DUMP_FORK',
        'a fork cannot be replaced: start a node without --fork',
      );
    }
    // Before anything is taken away: a bad file leaves the chain as it is.
    const snapshot = snapshotOf(files);
    const genesis = genesisBlock(snapshot);
    const wasOn = autoMine.isOn();
    await betweenBlocks(async () => {
      autoMine.set(false);
      await state.replace(genesis);
      this.#saved.clear();
      this.#parts.replaced(snapshot.chainConfig);
      this.#parts.forgetAbove(-1);
      await pool.restore([]);
    });
    autoMine.set(wasOn);
    return this.status();
  }

  async setTime(unixSeconds: number): Promise<DevStatus> {
    this.#parts.clock.set(unixSeconds, this.#latestTime());
    return this.status();
  }
  async advanceTime(seconds: number): Promise<DevStatus> {
    this.#parts.clock.advance(seconds, this.#latestTime());
    return this.status();
  }
  async freezeTime(on: boolean): Promise<DevStatus> {
    this.#parts.clock.freeze(on);
    return this.status();
  }

  async mine(count: number, intervalSeconds: number | null): Promise<DevStatus> {
    checkRange('count', count, 1, MINE_COUNT_MAX);
    const { clock, betweenBlocks, makeBlock, signing } = this.#parts;
    const isFrozen = clock.state().frozenAtMs !== null;
    const interval = intervalSeconds ?? (isFrozen ? 0 : 1);
    checkRange('intervalSeconds', interval, 0, MINE_INTERVAL_SECONDS_MAX);
    const make = async (): Promise<void> => {
      for (let made = 0; made < count; made += 1) {
        const latest = this.#latestTime();
        const after = latest + BigInt(interval);
        await makeBlock(made === 0 ? this.#firstTime(latest, after) : after);
        if (made % MINE_STEP_BLOCKS === MINE_STEP_BLOCKS - 1) await pause();
      }
      clock.reached(this.#latestTime());
    };
    await betweenBlocks(() => (count > SIGNED_COUNT_MAX ? signing.during(make) : make()));
    return this.status();
  }

  async fund(owner: B256, amount: bigint, assetId: B256 | null): Promise<UtxoKey> {
    const { state, params } = this.#parts;
    let utxoId: UtxoKey;
    do utxoId = utxoKeyOf(madeUpTxId('coin', (this.#madeUp += 1)), 0);
    while (state.store.coin(utxoId) !== null);
    const asset = assetId ?? params().params.baseAssetId;
    await this.setCoin({ utxoId, coin: { owner, amount, assetId: asset } });
    return utxoId;
  }

  setCoin(edit: Parameters<DevControls['setCoin']>[0]): Promise<void> {
    return this.#edit(() => coinChanges(this.#store(), edit));
  }
  setMessage(edit: Parameters<DevControls['setMessage']>[0]): Promise<void> {
    return this.#edit(() => messageChanges(this.#store(), edit));
  }
  setContractSlot(...[id, key, value]: Parameters<DevControls['setContractSlot']>): Promise<void> {
    return this.#edit(() => slotChanges(this.#store(), id, key, value));
  }
  setContractBalance(
    ...[id, assetId, amount]: Parameters<DevControls['setContractBalance']>
  ): Promise<void> {
    return this.#edit(() => balanceChanges(this.#store(), id, assetId, amount));
  }

  async setContract(edit: ContractEdit): Promise<ContractId> {
    const { id } = contractChanges(this.#store(), edit);
    const hash = sha256Hex(edit.code);
    const before = this.#codeHashes.get(id);
    if (before !== undefined && before !== hash) {
      throw new CodedError(
        'DEV_CONTRACT_CODE',
        `contract ${id} had other code before a revert, which threads may still know: give another contractId`,
        { id },
      );
    }
    this.#codeHashes.set(id, hash);
    await this.#edit(() => contractChanges(this.#store(), edit).changes);
    return id;
  }

  async impersonate(owner: B256): Promise<void> {
    this.#parts.impersonation.add(owner);
  }
  async stopImpersonating(owner: B256 | null): Promise<void> {
    this.#parts.impersonation.remove(owner);
  }
  async autoMine(on: boolean): Promise<DevStatus> {
    this.#parts.autoMine.set(on);
    return this.status();
  }

  /** Of the blocks that `mine` makes: what was set, or what time it is. */
  #firstTime(latest: Tai64, after: Tai64): Tai64 {
    const { clock } = this.#parts;
    const told = clock.next(latest);
    if (told !== null) return told;
    const now = unixSecondsToTai64(clock.now());
    return now > after ? now : after;
  }
  #store(): DevState['store'] {
    return this.#parts.state.store;
  }
  #latestTime(): Tai64 {
    return this.#store().latest.time;
  }
  #edit(changes: () => Changes): Promise<void> {
    const { betweenBlocks, state } = this.#parts;
    return betweenBlocks(async () => {
      const made = changes();
      this.#parts.edited(made);
      await state.edit(made);
    });
  }
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new CodedError('DEV_MINE', `${name} is a whole number from ${least} to ${most}`, { name });
}

/** A turn of the event loop. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
