/** Other ways to commit the same frauds: together they take every branch of every statement. */
import type { CommittedBlock } from '../../settlement/index.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import type { CoinInput, ScriptTx } from '../../tx/types.ts';
import {
  type Case,
  creatorOf,
  decode,
  type Fraud,
  type Place,
  recovered,
  replaced,
  scripts,
  withScript,
} from './frauds.ts';
import { ANY_KEY, forged } from './rollup.ts';

export type Variant = Fraud & {
  /** Where the second batch has to begin; default: behind the last deposit. */
  readonly splitAt?: (blocks: readonly CommittedBlock[]) => number;
};

const OTHER = `0x${'66'.repeat(32)}` as const;

const coinOf = (script: ScriptTx): CoinInput => script.inputs[0] as CoinInput;

/** A changed script, and the call about its first input. */
function changed(
  name: string,
  fraud: string,
  change: (script: ScriptTx) => void,
  rest: (made: Case, place: Place, before: ScriptTx) => readonly unknown[],
): Variant {
  return {
    name,
    fraud,
    plant(blocks, split) {
      const {
        blocks: planted,
        place,
        script,
      } = withScript(blocks, split, (copy) => {
        change(copy);
        return copy;
      });
      const args = (made: Case): readonly unknown[] => [
        ...made.tx(place),
        ...rest(made, place, script),
      ];
      return { blocks: planted, args };
    },
  };
}

/** A coin input that is not what its creator made. */
const badInput = (fraud: string, change: (coin: CoinInput) => void): Variant =>
  changed(
    'badInput',
    fraud,
    (script) => change(coinOf(script)),
    (made, _, before) => [0n, ...made.tx(creatorOf(before))],
  );

/** A witness that nobody's signature is. */
const badWitness = (fraud: string, change: (script: ScriptTx) => void): Variant =>
  changed('badSignature', fraud, change, () => [0n, ANY_KEY]);

/** The first block of the second batch is another. */
function changedBlock(
  name: string,
  fraud: string,
  change: (block: CommittedBlock) => CommittedBlock,
  args: (made: Case, split: number) => readonly unknown[],
  splitAt?: (blocks: readonly CommittedBlock[]) => number,
): Variant {
  return {
    name,
    fraud,
    ...(splitAt === undefined ? {} : { splitAt }),
    plant: (blocks, split) => ({
      blocks: replaced(blocks, split, change(blocks[split]!)),
      args: (made) => args(made, split),
    }),
  };
}

const wrongInbox = (
  fraud: string,
  change: (block: CommittedBlock) => CommittedBlock,
  splitAt?: (blocks: readonly CommittedBlock[]) => number,
): Variant =>
  changedBlock(
    'wrongInbox',
    fraud,
    change,
    (made, split) => [made.blk(split), made.blk(split - 1), []],
    splitAt,
  );

/** The first block behind another that takes something in. */
const firstTakingIn = (blocks: readonly CommittedBlock[]): number =>
  blocks.findIndex(({ inboxCount }, i) => i > 0 && inboxCount > blocks[i - 1]!.inboxCount);

function messageSpend(blocks: readonly CommittedBlock[]): Place & { script: ScriptTx } {
  return scripts(blocks).find(({ script }) => script.inputs[0]?.type === 'message')!;
}

export const VARIANTS: readonly Variant[] = [
  {
    name: 'doubleSpend',
    fraud: 'one message twice',
    plant(blocks, split) {
      const first = messageSpend(blocks);
      const old = blocks[split]!;
      const again = forged(old, [encodeTx(first.script), ...old.transactions]);
      return {
        blocks: replaced(blocks, split, again),
        args: (made) => [...made.tx(first), 0n, ...made.tx({ block: split, tx: 0 }), 0n],
      };
    },
  },
  changed(
    'doubleSpend',
    'one coin twice in one transaction',
    (script) => script.inputs.push(structuredClone(coinOf(script))),
    (made, place) => [0n, ...made.tx(place), 1n],
  ),
  badInput('another owner', (coin) => (coin.owner = OTHER)),
  badInput('another asset', (coin) => (coin.assetId = OTHER)),
  badInput('another id', (coin) => (coin.utxoId = { ...coin.utxoId, txId: OTHER })),
  badInput('no such output', (coin) => (coin.utxoId = { ...coin.utxoId, outputIndex: 9 })),
  {
    name: 'badInput',
    fraud: 'made by a mint',
    plant(blocks, split) {
      const creator = { block: 0, tx: blocks[0]!.transactions.length - 1 };
      const made = withScript(blocks, split, (script) => {
        coinOf(script).txPointer = { blockHeight: 1, txIndex: creator.tx };
        return script;
      });
      return { blocks: made.blocks, args: (of) => [...of.tx(made.place), 0n, ...of.tx(creator)] };
    },
  },
  changed(
    'badPointer',
    'a coin of the future',
    (script) => (coinOf(script).txPointer = { blockHeight: 4_000, txIndex: 0 }),
    (made, place) => [0n, made.blk(place.block)],
  ),
  {
    name: 'badPointer',
    fraud: 'a coin of itself',
    plant(blocks, split) {
      const found = withScript(blocks, split, (script) => script).place;
      const made = withScript(blocks, split, (script) => {
        coinOf(script).txPointer = { blockHeight: found.block + 1, txIndex: found.tx };
        return script;
      });
      return {
        blocks: made.blocks,
        args: (of) => [...of.tx(made.place), 0n, of.blk(made.place.block)],
      };
    },
  },
  badWitness('no such witness', (script) => (coinOf(script).witnessIndex = 7)),
  badWitness('a short witness', (script) => (script.witnesses[0] = new Uint8Array(63))),
  badWitness('a signature of nothing', (script) => (script.witnesses[0] = new Uint8Array(64))),
  {
    name: 'badSignature',
    fraud: 'a message of somebody else',
    splitAt: (blocks) => messageSpend(blocks).block,
    plant(blocks) {
      const place = messageSpend(blocks);
      const script = structuredClone(place.script);
      const [input] = script.inputs;
      if (input?.type === 'message') input.recipient = OTHER;
      const old = blocks[place.block]!;
      const raws = old.transactions.map((raw, i) => (i === place.tx ? encodeTx(script) : raw));
      return {
        blocks: replaced(blocks, place.block, forged(old, raws)),
        args: (of) => [...of.tx(place), 0n, recovered(script, 0)],
      };
    },
  },
  changed(
    'inflation',
    'an asset from nothing',
    (script) => script.outputs.push({ type: 'coin', to: OTHER, amount: 1n, assetId: OTHER }),
    () => [OTHER],
  ),
  changedBlock(
    'notCanonical',
    'bytes that are no transaction',
    (block) => forged(block, [Uint8Array.of(1, 2, 3), ...block.transactions]),
    (made, split) => made.tx({ block: split, tx: 0 }),
  ),
  changedBlock(
    'misplacedMint',
    'a mint before the end',
    (block) => forged(block, [block.transactions.at(-1)!, ...block.transactions]),
    (made, split) => made.tx({ block: split, tx: 0 }),
  ),
  changedBlock(
    'misplacedMint',
    'a mint of another block',
    (block) => {
      const mint = decode(block.transactions.at(-1)!);
      if (mint.type === 'mint') mint.txPointer = { ...mint.txPointer, blockHeight: 77 };
      return forged(block, [...block.transactions.slice(0, -1), encodeTx(mint)]);
    },
    (made, split) => {
      const { transactions } = made.blocks[split]!;
      return made.tx({ block: split, tx: transactions.length - 1 });
    },
  ),
  wrongInbox('more than was sent', (block) => ({ ...block, inboxCount: 999n })),
  wrongInbox('less than before', (block) => ({ ...block, inboxCount: 0n })),
  wrongInbox(
    'one left out',
    (block) => ({ ...block, inboxCount: block.inboxCount - 1n }),
    firstTakingIn,
  ),
  wrongInbox(
    'taken in too early',
    (block) => forged(block, block.transactions, { daHeight: 0n }),
    firstTakingIn,
  ),
];
