/** The gas price as a running value: one step per block, answers for the API. */

import type { SealedBlock } from '../executor/ports.ts';
import type { GasPriceConfig, GasPriceState } from '../executor/price.ts';
import {
  gasPriceOf,
  gasUsedFromMint,
  initialGasPrice,
  updateGasPrice,
  worstCaseGasPrice,
} from '../executor/price.ts';
import type { BlockHeight } from '../primitives/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { GasPriceService } from './services.ts';

/** Price of the mint of a block; 0 when there is none (genesis). */
export function mintPriceOf(transactions: readonly { tx: { type: string } }[]): bigint {
  const mint = transactions.at(-1)?.tx as { type: string; gasPrice?: bigint } | undefined;
  return mint?.type === 'mint' ? (mint.gasPrice ?? 0n) : 0n;
}

export class GasPrice implements GasPriceService {
  private readonly config: GasPriceConfig;
  private state: GasPriceState;
  private latestPrice: bigint;
  /** After a block that is sealed and not durable; nobody but the maker of blocks sees it. */
  private ahead: GasPriceState | null = null;

  /**
   * @param last height of the newest block and the price in its mint; after a restart the
   * execution part goes on from there.
   */
  constructor(config: GasPriceConfig, last: { height: BlockHeight; mintPrice: bigint }) {
    this.config = config;
    const fresh = last.height === 0;
    const resumed = last.mintPrice > config.minDaPrice ? last.mintPrice - config.minDaPrice : 0n;
    const starting = fresh ? config.startingExecPrice : resumed;
    this.state = initialGasPrice({ ...config, startingExecPrice: starting }, last.height);
    this.latestPrice = last.mintPrice;
  }

  next(): bigint {
    return gasPriceOf(this.state);
  }
  worstCase(horizon: number): bigint {
    return worstCaseGasPrice(this.state, horizon, this.config);
  }
  latest(): bigint {
    return this.latestPrice;
  }

  /** For {@link restore}: everything that changes from block to block. */
  save(): { readonly state: GasPriceState; readonly latestPrice: bigint } {
    return { state: this.state, latestPrice: this.latestPrice };
  }
  restore(saved: ReturnType<GasPrice['save']>): void {
    this.state = saved.state;
    this.latestPrice = saved.latestPrice;
    this.ahead = null;
  }
  /** Another chain, of this height, is in the place of the one before. */
  restartAt(height: BlockHeight): void {
    this.restore({ state: initialGasPrice(this.config, height), latestPrice: 0n });
  }

  /** Price of the next block to be made; ahead of {@link next} while a block is written. */
  nextToMake(): bigint {
    return gasPriceOf(this.ahead ?? this.state);
  }

  /** A block is sealed; `onBlock` follows when it is durable, `unstage` when it never will be. */
  stage(block: SealedBlock, params: ConsensusParameters): void {
    // Some are durable at once.
    if (block.header.height > this.state.height) this.ahead = this.after(block, params);
  }
  unstage(): void {
    this.ahead = null;
  }

  /** Call once for every block, in order. */
  onBlock(block: SealedBlock, params: ConsensusParameters): void {
    this.state = this.after(block, params);
    this.ahead = null;
    this.latestPrice = mintPriceOf(block.transactions);
  }

  private after(block: SealedBlock, params: ConsensusParameters): GasPriceState {
    const mint = block.transactions.at(-1)?.tx;
    const amount = mint?.type === 'mint' ? mint.mintAmount : 0n;
    const gasPrice = mint?.type === 'mint' ? mint.gasPrice : 0n;
    const blockGasLimit = params.blockGasLimit;
    return updateGasPrice(
      this.state,
      {
        height: block.header.height,
        usedGas: gasUsedFromMint({
          amount,
          gasPrice,
          gasPriceFactor: params.feeParams.gasPriceFactor,
          blockGasLimit,
        }),
        capacityGas: blockGasLimit > 0n ? blockGasLimit : 1n,
        bytes: block.transactions.reduce((sum, { raw }) => sum + BigInt(raw.length), 0n),
        feeCollected: amount,
      },
      this.config,
    );
  }
}
