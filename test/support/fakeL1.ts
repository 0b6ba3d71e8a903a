/** An Ethereum chain of values: blocks, logs, a finality that tests move, faults that they plant. */
import { bytesToHex, concatBytes, hexToBytes, writeU64 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { B256 } from '../../primitives/types.ts';
import {
  type L1Address,
  type L1Block,
  type L1Log,
  type L1Reader,
  MESSAGE_SENT_TOPIC,
  TRANSACTION_TOPIC,
} from '../../settlement/index.ts';

export const PORTAL: L1Address = `0x${'aa'.repeat(20)}`;

export function word(value: bigint | number): B256 {
  return `0x${BigInt(value).toString(16).padStart(64, '0')}`;
}

/** `number u64, bytes` as an event carries them. */
export function abiNumberAndBytes(number: bigint, data: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(data.length / 32) * 32);
  padded.set(data);
  const words = [number, 64n, BigInt(data.length)].map((value) => hexToBytes(word(value)));
  return concatBytes(...words, padded);
}

type LogBody = Pick<L1Log, 'topics' | 'data'> & { readonly address?: L1Address };

export function messageLog(
  nonce: number,
  over: { amount?: bigint; data?: Uint8Array; sender?: B256; recipient?: B256 } = {},
): LogBody {
  const { amount = 1_000n, data = new Uint8Array(0) } = over;
  const topics = [
    MESSAGE_SENT_TOPIC,
    over.sender ?? word(1),
    over.recipient ?? word(2),
    word(nonce),
  ];
  return { topics, data: abiNumberAndBytes(amount, data) };
}

export function forcedLog(nonce: number, maxGas: bigint, raw: Uint8Array): LogBody {
  return { topics: [TRANSACTION_TOPIC, word(nonce)], data: abiNumberAndBytes(maxGas, raw) };
}

export class FakeL1 implements L1Reader {
  readonly blocks: { readonly hash: B256; readonly logs: readonly L1Log[] }[] = [];
  /** Number of the newest final block. */
  final: number = 0;
  isSyncing: boolean = false;
  id: bigint = 1n;
  /** Ranges that were asked for. */
  readonly asked: (readonly [bigint, bigint])[] = [];
  /** Thrown by the next calls of `logs`, one each. */
  readonly faults: CodedError[] = [];
  /** Refuses ranges of more blocks. */
  rangeMax: number = Number.POSITIVE_INFINITY;

  constructor() {
    this.mine([]);
  }

  mine(bodies: readonly LogBody[], salt = 0): void {
    const number = this.blocks.length;
    const seed = new Uint8Array(16);
    writeU64(seed, 0, BigInt(number));
    writeU64(seed, 8, BigInt(salt));
    const hash = sha256Hex(seed);
    const logs = bodies.map(({ address = PORTAL, topics, data }, logIndex) => ({
      address,
      topics,
      data,
      blockNumber: BigInt(number),
      blockHash: hash,
      logIndex,
    }));
    this.blocks.push({ hash, logs });
  }

  /** The newest `depth` blocks are replaced by empty ones. */
  reorganise(depth: number, salt: number): void {
    this.blocks.splice(this.blocks.length - depth);
    for (let i = 0; i < depth; i++) this.mine([], salt);
  }

  async chainId(): Promise<bigint> {
    return this.id;
  }
  async syncing(): Promise<boolean> {
    return this.isSyncing;
  }
  async finalized(): Promise<L1Block> {
    return (await this.block(BigInt(this.final)))!;
  }
  async block(number: bigint): Promise<L1Block | null> {
    const block = this.blocks[Number(number)];
    return block === undefined ? null : { number, hash: block.hash };
  }
  async logs(from: bigint, to: bigint, contracts: readonly L1Address[]): Promise<L1Log[]> {
    this.asked.push([from, to]);
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    if (Number(to - from) + 1 > this.rangeMax) {
      throw new CodedError('L1_REFUSED', 'query returned more than 10000 results');
    }
    const found = this.blocks.slice(Number(from), Number(to) + 1).flatMap(({ logs }) => logs);
    // No particular order: whoever reads has to put them in order.
    return found.filter(({ address }) => contracts.includes(address)).reverse();
  }
}

export const noncesOf = (
  events: readonly { type: string; nonce?: B256; message?: { nonce: B256 } }[],
): number[] => events.map((event) => Number(BigInt(event.nonce ?? event.message!.nonce)));

export const someBytes = (length: number): Uint8Array =>
  hexToBytes(bytesToHex(Uint8Array.from({ length }, (_, i) => i % 251)));
