/**
 * One account on a small Ethereum: a pool of transactions, fees, blocks, reorganisations, finality,
 * and FuelChainState as the only contract. Calls of the contract are `commit` texts.
 */
import { bytesToHex, utf8 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import type { ChainStateContract, ChainStateTerms } from '../../settlement/committer.ts';
import type { L1Block } from '../../settlement/index.ts';
import type { L1Fees, L1Hex, L1Receipt, LaneChain, UnsignedTx } from '../../settlement/lane.ts';

type PoolTx = UnsignedTx & { readonly hash: B256 };
type Mined = { readonly hash: B256; readonly timeS: number; readonly txs: readonly PoolTx[] };
type Slot = { readonly id: B256; readonly timeS: number };

export const TERMS: ChainStateTerms = {
  interval: 10,
  timeToFinalizeS: 50,
  cooldownS: 60,
  slots: 8,
};
const SECONDS_PER_BLOCK = 12;

export class FakeEthereum {
  readonly blocks: Mined[] = [];
  readonly pool: Map<B256, PoolTx> = new Map();
  readonly made: Map<L1Hex, PoolTx> = new Map();
  /** Lowest fee that a block takes. */
  baseFee: bigint = 10n;
  finalDepth: number = 2;
  /** Called before and after every request; throws to play an endpoint that fails. */
  hook: (method: string) => void = () => {};
  private salt = 0;

  constructor() {
    this.mine();
  }

  /** The next block takes what pays, in the order of the nonces. */
  mine(take: boolean = true): void {
    const txs: PoolTx[] = [];
    let nonce = this.nonceAfter(this.blocks.length);
    for (;;) {
      const fitting = [...this.pool.values()].filter(
        (tx) => tx.nonce === nonce && tx.fees.maxFee >= this.baseFee,
      );
      const [best] = fitting.sort((a, b) => (a.fees.maxFee < b.fees.maxFee ? 1 : -1));
      if (best === undefined || !take) break;
      txs.push(best);
      nonce += 1;
    }
    for (const tx of this.pool.values()) if (tx.nonce < nonce) this.pool.delete(tx.hash);
    const hash = sha256Hex(utf8(`block ${this.blocks.length} ${this.salt}`));
    this.blocks.push({ hash, timeS: this.blocks.length * SECONDS_PER_BLOCK, txs });
  }

  /** Takes the newest blocks back; their transactions go to the pool again, or are forgotten. */
  reorganise(depth: number, keep: boolean): void {
    this.salt += 1;
    const gone = this.blocks.splice(Math.max(1, this.blocks.length - depth));
    for (const tx of gone.flatMap(({ txs }) => txs)) if (keep) this.pool.set(tx.hash, tx);
    for (const _ of gone) this.mine(false);
  }

  private nonceAfter(blockCount: number): number {
    return this.blocks.slice(0, blockCount).reduce((sum, { txs }) => sum + txs.length, 0);
  }

  private blockAt(index: number): L1Block {
    return { number: BigInt(index), hash: this.blocks[index]!.hash };
  }

  private get finalIndex(): number {
    return Math.max(0, this.blocks.length - 1 - this.finalDepth);
  }

  /** The contract's slots after all blocks, and whether each of its transactions worked. */
  state(): { slots: Map<number, Slot>; success: Map<B256, boolean>; commits: [number, B256][] } {
    const slots = new Map<number, Slot>();
    const success = new Map<B256, boolean>();
    const commits: [number, B256][] = [];
    for (const { txs, timeS } of this.blocks) {
      for (const tx of txs) {
        const { commit, id } = JSON.parse(tx.id) as { commit: number; id: B256 };
        const slot = slots.get(commit % TERMS.slots);
        const works = slot === undefined || slot.timeS + TERMS.cooldownS <= timeS;
        success.set(tx.hash, works);
        if (!works) continue;
        slots.set(commit % TERMS.slots, { id, timeS });
        commits.push([commit, id]);
      }
    }
    return { slots, success, commits };
  }

  private async ask<T>(method: string, answer: () => T): Promise<T> {
    this.hook(method);
    const result = answer();
    this.hook(`${method} answered`);
    return result;
  }

  chain(): LaneChain {
    return {
      sender: `0x${'01'.repeat(20)}`,
      nonce: (at) =>
        this.ask('nonce', () =>
          this.nonceAfter(at === 'latest' ? this.blocks.length : this.finalIndex + 1),
        ),
      fees: (): Promise<L1Fees> =>
        this.ask('fees', () => ({ maxFee: this.baseFee * 2n + 1n, tip: 1n })),
      sign: (tx) =>
        this.ask('sign', () => {
          const body = `${tx.nonce} ${tx.fees.maxFee} ${tx.fees.tip} ${tx.data}`;
          const hash = sha256Hex(utf8(body));
          const raw = bytesToHex(utf8(body));
          const { commit, id } = JSON.parse(Buffer.from(tx.data.slice(2), 'hex').toString());
          this.made.set(raw, { ...tx, id: JSON.stringify({ commit, id }), hash });
          return { hash, raw };
        }),
      send: (raw) => this.ask('send', () => this.accept(this.made.get(raw)!)),
      receipt: (hash) => this.ask('receipt', () => this.receiptOf(hash)),
      finalized: () => this.ask('finalized', () => this.blockAt(this.finalIndex)),
    };
  }

  private receiptOf(hash: B256): L1Receipt | null {
    const index = this.blocks.findIndex(({ txs }) => txs.some((tx) => tx.hash === hash));
    if (index < 0) return null;
    return { block: this.blockAt(index), success: this.state().success.get(hash) === true };
  }

  accept(tx: PoolTx): void {
    if (this.pool.has(tx.hash)) throw new CodedError('L1_REFUSED', 'already known');
    if (tx.nonce < this.nonceAfter(this.blocks.length)) {
      throw new CodedError('L1_REFUSED', 'nonce too low');
    }
    for (const other of this.pool.values()) {
      if (other.nonce !== tx.nonce) continue;
      const isEnough = tx.fees.maxFee * 10n >= other.fees.maxFee * 11n;
      if (!isEnough) throw new CodedError('L1_REFUSED', 'replacement transaction underpriced');
      this.pool.delete(other.hash);
    }
    this.pool.set(tx.hash, tx);
  }

  contract(): ChainStateContract {
    return {
      terms: () => this.ask('terms', () => TERMS),
      hashAt: (commit) =>
        this.ask('hashAt', () => this.state().slots.get(commit % TERMS.slots)?.id ?? ZERO_B256),
      verdict: (id, commit) =>
        this.ask('verdict', () => {
          const slot = this.state().slots.get(commit % TERMS.slots);
          const nowS = this.blocks.length * SECONDS_PER_BLOCK;
          if (slot !== undefined && slot.timeS + TERMS.cooldownS > nowS) {
            return { type: 'cooldown' } as const;
          }
          const data = bytesToHex(utf8(JSON.stringify({ commit, id })));
          const call = { to: `0x${'02'.repeat(20)}` as const, data, gas: 100_000n, value: 0n };
          return { type: 'ok', call } as const;
        }),
    };
  }
}
