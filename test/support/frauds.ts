/** Frauds that a dishonest operator may commit, planted into real blocks, and statements about them. */
import assert from 'node:assert/strict';
import { hexToBytes } from '../../primitives/bytes.ts';
import { recoverPublicKey } from '../../primitives/secp256k1.ts';
import type { B256 } from '../../primitives/types.ts';
import {
  type BatchOf,
  type BlockProofStruct,
  batchOf,
  blockProof,
  type CommittedBlock,
  type TxProofStruct,
  txProof,
} from '../../settlement/index.ts';
import { decodeTx, encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import type { ScriptTx, Transaction } from '../../tx/types.ts';
import { type BlockState, type StepStruct, stepProof } from './blockStates.ts';
import { ANY_KEY, forged, keyWords, PARAMS, type Rollup } from './rollup.ts';

export type Place = { readonly block: number; readonly tx: number };

export const decode = (raw: Uint8Array): Transaction => decodeTx(raw).tx;

/** Scripts of the blocks from number `from` on. */
export function scripts(
  blocks: readonly CommittedBlock[],
  from: number = 0,
): (Place & { script: ScriptTx })[] {
  return blocks.flatMap(({ transactions }, block) =>
    transactions.flatMap((raw, tx) => {
      const decoded = decode(raw);
      return block >= from && decoded.type === 'script' ? [{ block, tx, script: decoded }] : [];
    }),
  );
}

/** Arguments of the disputes over one list of blocks, split into two batches. */
export class Case {
  readonly blocks: readonly CommittedBlock[];
  readonly batches: readonly BatchOf[];
  readonly split: number;
  /** Of each block, as they are committed. */
  readonly states: readonly BlockState[];

  constructor(
    blocks: readonly CommittedBlock[],
    split: number,
    states: readonly BlockState[] = [],
  ) {
    this.blocks = blocks;
    this.split = split;
    this.states = states;
    this.batches = [batchOf(blocks.slice(0, split)), batchOf(blocks.slice(split))];
  }

  blk(index: number): BlockProofStruct {
    const which = index < this.split ? 0 : 1;
    return blockProof(BigInt(which), this.batches[which]!, index - which * this.split);
  }

  tx({ block, tx }: Place): [BlockProofStruct, TxProofStruct] {
    return [this.blk(block), txProof(this.blocks[block]!, tx)];
  }

  /** A block and the one before it, which the first one of the chain does without. */
  pair(index: number): [BlockProofStruct, BlockProofStruct] {
    return [this.blk(index), this.blk(Math.max(index - 1, 0))];
  }

  /** Entries of the inbox that a block took in. */
  taken(index: number): number {
    const before = index === 0 ? 0n : this.blocks[index - 1]!.inboxCount;
    return Number(this.blocks[index]!.inboxCount - before);
  }

  step(block: number, index: number): StepStruct {
    return stepProof(this.states[block]!.steps, index);
  }

  /** The moments before and behind a transaction. */
  moments({ block, tx }: Place): [StepStruct, StepStruct] {
    const at = this.taken(block) + tx;
    return [this.step(block, at), this.step(block, at + 1)];
  }

  async commit(rollup: Rollup): Promise<void> {
    await rollup.commit(this.batches[0]!.blocks);
    await rollup.commit(this.batches[1]!.blocks, this.batches[0]!.blocks.at(-1)!.header.id);
  }
}

/** The key that an input's signature recovers to. */
export function recovered(script: ScriptTx, input: number): [`0x${string}`, `0x${string}`] {
  const from = script.inputs[input]!;
  if (from.type === 'contract') return ANY_KEY;
  const key = recoverPublicKey(
    script.witnesses[from.witnessIndex]!,
    hexToBytes(txId(script, PARAMS.chainId)),
  );
  return key === null ? ANY_KEY : keyWords(key);
}

export type Fraud = {
  readonly name: string;
  readonly fraud: string;
  /** Blocks as a dishonest operator commits them, and the call that convicts. */
  plant(
    blocks: readonly CommittedBlock[],
    split: number,
  ): {
    blocks: readonly CommittedBlock[];
    args(made: Case): readonly unknown[];
  };
};

/** Replaces one block. */
export function replaced(
  blocks: readonly CommittedBlock[],
  index: number,
  block: CommittedBlock,
): CommittedBlock[] {
  return blocks.map((each, i) => (i === index ? block : each));
}

/** Changes one script of the second batch that spends a coin of a transaction in the first ones. */
export function withScript(
  blocks: readonly CommittedBlock[],
  split: number,
  change: (script: ScriptTx) => Transaction | Uint8Array,
): { blocks: CommittedBlock[]; place: Place; script: ScriptTx } {
  const place = scripts(blocks, split).find(
    ({ script }) => script.inputs[0]?.type === 'coin' && script.inputs[0].txPointer.blockHeight > 0,
  )!;
  const made = change(structuredClone(place.script));
  const raw = made instanceof Uint8Array ? made : encodeTx(made);
  const old = blocks[place.block]!;
  const raws = old.transactions.map((each, i) => (i === place.tx ? raw : each));
  return { blocks: replaced(blocks, place.block, forged(old, raws)), place, script: place.script };
}

/** Where the coin of a script's first input was made. */
export function creatorOf(script: ScriptTx): Place {
  const [input] = script.inputs;
  assert.ok(input?.type === 'coin');
  return { block: input.txPointer.blockHeight - 1, tx: input.txPointer.txIndex };
}

export const FRAUDS: readonly Fraud[] = [
  {
    name: 'doubleSpend',
    fraud: 'double spend',
    plant(blocks, split) {
      const [first] = scripts(blocks);
      const old = blocks[split]!;
      const again = encodeTx(first!.script);
      const made = forged(old, [again, ...old.transactions]);
      return {
        blocks: replaced(blocks, split, made),
        args: (of) => [...of.tx(first!), 0n, ...of.tx({ block: split, tx: 0 }), 0n],
      };
    },
  },
  {
    name: 'badInput',
    fraud: 'bad input',
    plant(blocks, split) {
      const made = withScript(blocks, split, (script) => {
        const [input] = script.inputs;
        if (input?.type === 'coin') input.amount += 1n;
        return script;
      });
      const creator = creatorOf(made.script);
      return { blocks: made.blocks, args: (of) => [...of.tx(made.place), 0n, ...of.tx(creator)] };
    },
  },
  {
    name: 'badPointer',
    fraud: 'bad pointer',
    plant(blocks, split) {
      const made = withScript(blocks, split, (script) => {
        const [input] = script.inputs;
        if (input?.type === 'coin') input.txPointer = { ...input.txPointer, txIndex: 60_000 };
        return script;
      });
      const creator = creatorOf(made.script);
      return {
        blocks: made.blocks,
        args: (of) => [...of.tx(made.place), 0n, of.blk(creator.block)],
      };
    },
  },
  {
    name: 'badSignature',
    fraud: 'bad signature',
    plant(blocks, split) {
      const made = withScript(blocks, split, (script) => {
        const first = script.outputs[0];
        if (first?.type === 'coin') first.to = `0x${'66'.repeat(32)}`;
        return script;
      });
      const args = (of: Case): readonly unknown[] => {
        const stolen = decode(of.blocks[made.place.block]!.transactions[made.place.tx]!);
        assert.ok(stolen.type === 'script');
        return [...of.tx(made.place), 0n, recovered(stolen, 0)];
      };
      return { blocks: made.blocks, args };
    },
  },
  {
    name: 'inflation',
    fraud: 'inflation',
    plant(blocks, split) {
      const made = withScript(blocks, split, (script) => {
        const first = script.outputs[0];
        if (first?.type === 'coin') first.amount += 10n ** 9n;
        return script;
      });
      return { blocks: made.blocks, args: (of) => [...of.tx(made.place), PARAMS.baseAssetId] };
    },
  },
  {
    name: 'notCanonical',
    fraud: 'not canonical',
    plant(blocks, split) {
      const made = withScript(blocks, split, (script) =>
        Uint8Array.of(...encodeTx(script), 0, 0, 0, 0, 0, 0, 0, 0),
      );
      return { blocks: made.blocks, args: (of) => of.tx(made.place) };
    },
  },
  {
    name: 'misplacedMint',
    fraud: 'misplaced mint',
    plant(blocks, split) {
      const old = blocks[split]!;
      const made = forged(old, old.transactions.slice(0, -1));
      const tx = made.transactions.length - 1;
      return {
        blocks: replaced(blocks, split, made),
        args: (of) => of.tx({ block: split, tx }),
      };
    },
  },
  {
    name: 'wrongHeight',
    fraud: 'wrong height',
    plant(blocks, split) {
      const old = blocks[split]!;
      const made = forged(old, old.transactions, { height: old.header.height + 7 });
      return {
        blocks: replaced(blocks, split, made),
        args: (of) => [of.blk(split), old.header.height],
      };
    },
  },
  {
    name: 'wrongInbox',
    fraud: 'wrong inbox',
    plant(blocks, split) {
      const old = blocks[split]!;
      const made = forged(old, old.transactions, { eventInboxRoot: `0x${'44'.repeat(32)}` });
      return {
        blocks: replaced(blocks, split, made),
        args: (of) => [of.blk(split), of.blk(split - 1), []],
      };
    },
  },
];

const STATEMENTS = [
  'doubleSpend',
  'badInput',
  'badPointer',
  'badSignature',
  'inflation',
  'notCanonical',
  'misplacedMint',
  'wrongHeight',
  'wrongEnd',
  'wrongInbox',
] as const;

/**
 * A random statement against honest blocks, nearly right in every part.
 * @param wanted its name; absent: any
 */
export function attempt(
  honest: Case,
  ids: readonly B256[],
  random: (below: number) => number,
  wanted?: string,
): [string, readonly unknown[]] {
  const all = scripts(honest.blocks);
  const one = all[random(all.length)]!;
  const other = all[random(all.length)]!;
  const input = BigInt(random(20) === 0 ? 9 : 0);
  const [from] = one.script.inputs;
  const isCoin = from?.type === 'coin' && from.txPointer.blockHeight > 0;
  const creator = isCoin && random(4) > 0 ? creatorOf(one.script) : other;
  const block = random(honest.blocks.length);
  const blk = honest.blk(block);
  const anyTx = { block, tx: random(honest.blocks[block]!.transactions.length) };
  switch (wanted ?? STATEMENTS[random(STATEMENTS.length)]) {
    case 'doubleSpend':
      return [
        'doubleSpend',
        [...honest.tx(one), input, ...honest.tx(random(5) === 0 ? one : other), 0n],
      ];
    case 'badInput':
      return ['badInput', [...honest.tx(one), input, ...honest.tx(creator)]];
    case 'badPointer':
      return ['badPointer', [...honest.tx(one), input, honest.blk(creator.block)]];
    case 'badSignature': {
      const key = random(3) === 0 ? ANY_KEY : recovered(one.script, 0);
      return ['badSignature', [...honest.tx(one), input, key]];
    }
    case 'inflation': {
      const asset = random(3) === 0 ? `0x${'12'.repeat(32)}` : PARAMS.baseAssetId;
      return ['inflation', [...honest.tx(one), asset]];
    }
    case 'notCanonical':
      return ['notCanonical', honest.tx(anyTx)];
    case 'misplacedMint':
      return ['misplacedMint', honest.tx(anyTx)];
    case 'wrongHeight':
      return [
        'wrongHeight',
        [blk, honest.blocks[block]!.header.height + (random(3) === 0 ? 1 : 0)],
      ];
    case 'wrongEnd':
      return ['wrongEnd', [honest.blk(random(2) === 0 ? honest.blocks.length - 1 : block)]];
    default: {
      const before = block === 0 ? 0 : block - 1;
      const start = block === 0 ? 0 : Number(honest.blocks[before]!.inboxCount);
      const end = Number(honest.blocks[block]!.inboxCount) - (random(4) === 0 ? 1 : 0);
      return ['wrongInbox', [blk, honest.blk(before), ids.slice(start, end)]];
    }
  }
}
