/** Frauds in states and steps, planted into real blocks; every way that the contract tells apart. */
import assert from 'node:assert/strict';
import type { RelayedEvent } from '../../executor/relayed.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { B256 } from '../../primitives/types.ts';
import type { CommittedBlock } from '../../settlement/index.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import { coinKey, coinValue, type StateParts, type Step } from '../../tx/stateSteps.ts';
import type { CoinInput, Input, ScriptTx } from '../../tx/types.ts';
import {
  absenceOf,
  type BlockState,
  followBlock,
  type TxOutcome,
  withState,
} from './blockStates.ts';
import { type Case, decode, replaced, scripts } from './frauds.ts';
import { keyOf, signed } from './funded.ts';
import { forged, PARAMS } from './rollup.ts';
import { entryOf, messageStepArgs, skippedArgs, stepArgs } from './stateArguments.ts';

/** What is planted into. */
export type Ground = {
  readonly blocks: readonly CommittedBlock[];
  readonly states: readonly BlockState[];
  readonly split: number;
  readonly events: readonly RelayedEvent[];
  /** The state before the first block. */
  readonly genesis: StateParts;
};

export type StateFraud = {
  readonly name: string;
  readonly fraud: string;
  /** Where the second batch has to begin; default: behind the last deposit. */
  readonly splitAt?: (ground: Ground) => number;
  plant(ground: Ground): {
    readonly blocks: readonly CommittedBlock[];
    readonly states: readonly BlockState[];
    args(made: Case): readonly unknown[];
  };
};

const OTHER: B256 = `0x${'66'.repeat(32)}`;

/** The block and its state are others. */
function put(
  { blocks, states }: Ground,
  at: number,
  block: CommittedBlock,
  state: BlockState,
): Planted {
  const committed = withState(block, state.steps, state.parts);
  return {
    blocks: replaced(blocks, at, committed),
    states: states.map((each, i) => (i === at ? state : each)),
  };
}

type StepChange = (step: Step) => Partial<Step>;
type Planted = { readonly blocks: CommittedBlock[]; readonly states: BlockState[] };

/** Steps number `from` to `to` are others, and the state behind them when it is the last. */
function lied(ground: Ground, at: number, from: number, to: number, change: StepChange): Planted {
  const state = ground.states[at]!;
  const steps = state.steps.map((step, i) =>
    i < from || i > to ? step : { ...step, ...change(step) },
  );
  const parts: StateParts = { ...state.parts, ...steps.at(-1)! };
  return put(ground, at, ground.blocks[at]!, { ...state, steps, parts });
}

const taken = ({ blocks }: Ground, at: number): number =>
  Number(blocks[at]!.inboxCount - (at === 0 ? 0n : blocks[at - 1]!.inboxCount));

/** The four things that a step says. */
const LIES: readonly (readonly [string, StepChange])[] = [
  ['other coins', () => ({ coins: OTHER })],
  ['other messages', () => ({ messages: OTHER })],
  ['more held', ({ held }) => ({ held: held + 1n })],
  ['something sent out', ({ out }) => ({ out: out + 1n })],
];

const wrongStarts: StateFraud[] = LIES.map(([fraud, change]) => ({
  name: 'wrongStart',
  fraud: `begins with ${fraud}`,
  plant(ground) {
    const { split } = ground;
    return {
      ...lied(ground, split, 0, 0, change),
      args: (made) => {
        const { parts } = made.states[split - 1]!;
        return [...made.pair(split), parts, made.step(split, 0)];
      },
    };
  },
}));

const firstStart: StateFraud = {
  name: 'wrongStart',
  fraud: 'the first block begins with other coins than the genesis',
  splitAt: () => 1,
  plant(ground) {
    return {
      ...lied(ground, 0, 0, 0, () => ({ coins: OTHER })),
      args: (made) => [...made.pair(0), ground.genesis, made.step(0, 0)],
    };
  },
};

const wrongStates: StateFraud[] = LIES.map(([fraud, change]) => ({
  name: 'wrongState',
  fraud: `ends with ${fraud}`,
  plant(ground) {
    const { split } = ground;
    const state = ground.states[split]!;
    const parts = { ...state.parts, ...change(state.steps.at(-1)!) };
    return {
      ...put(ground, split, ground.blocks[split]!, { ...state, parts }),
      args: (made) => {
        const last = made.step(split, state.steps.length - 1);
        return [...made.pair(split), parts, last];
      },
    };
  },
}));

function wrongMessageStep(
  type: RelayedEvent['type'],
  fraud: string,
  change: StepChange,
): StateFraud {
  return {
    name: 'wrongMessageStep',
    fraud,
    splitAt: (ground) => Math.max(entryOf(ground, type).block, 1),
    plant(ground) {
      const { block, nonce } = entryOf(ground, type);
      const before = block === 0 ? 0 : Number(ground.blocks[block - 1]!.inboxCount);
      const at = nonce - before + 1;
      return {
        ...lied(ground, block, at, at, change),
        args: (made) => messageStepArgs(made, ground.events, block, nonce),
      };
    },
  };
}

/** The step of the first transaction of the second batch, or of its mint, says something else. */
function wrongStep(fraud: string, change: StepChange, ofMint: boolean = false): StateFraud {
  return {
    name: 'wrongStep',
    fraud,
    plant(ground) {
      const { split } = ground;
      const tx = ofMint ? ground.blocks[split]!.transactions.length - 1 : 0;
      const at = taken(ground, split) + tx + 1;
      return {
        ...lied(ground, split, at, Number.POSITIVE_INFINITY, change),
        args: (made) => stepArgs(made, { block: split, tx }),
      };
    },
  };
}

/** Something that was sent out before is not sent out any more. */
const takenBack: StateFraud = {
  name: 'wrongStep',
  fraud: 'what was sent out comes back',
  plant(ground) {
    const { split } = ground;
    const at = taken(ground, split);
    const state = ground.states[split]!;
    const steps = state.steps.map((step, i) => {
      if (i < at) return step;
      return i === at ? { ...step, out: step.out + 5n } : { ...step, held: step.held + 5n };
    });
    return {
      ...put(ground, split, ground.blocks[split]!, { ...state, steps }),
      args: (made) => stepArgs(made, { block: split, tx: 0 }),
    };
  },
};

/** Puts transactions into a block, and follows them as far as that is possible. */
export function rebuilt(
  ground: Ground,
  at: number,
  transactions: readonly Uint8Array[],
  outcomes: readonly TxOutcome[] = transactions.map(() => ({ sent: 0n, failed: false })),
): Planted {
  const block = forged(ground.blocks[at]!, transactions);
  const before = at === 0 ? 0 : Number(ground.blocks[at - 1]!.inboxCount);
  const events = ground.events.slice(before, Number(block.inboxCount));
  const start = ground.states[at]!.trees[0]!.clone();
  const { rest } = ground.states[at]!.parts;
  const chain = { chainId: PARAMS.chainId, baseAsset: PARAMS.baseAssetId, rest };
  return put(ground, at, block, followBlock(start, block, events, outcomes, chain));
}

const ownerOf = (input: Input): ReturnType<typeof keyOf> =>
  [0, 1, 2, 3].map(keyOf).find((key) => 'owner' in input && key.address === input.owner)!;

/** A script of the second batch with a changed first input, signed again. */
function resigned(ground: Ground, change: (script: ScriptTx) => void) {
  const place = scripts(ground.blocks, ground.split).find(
    ({ script }) => script.inputs[0]?.type === 'coin',
  )!;
  const script = structuredClone(place.script);
  change(script);
  const { raw } = signed(script, ownerOf(place.script.inputs[0]!), PARAMS.chainId);
  const old = ground.blocks[place.block]!.transactions;
  return { place, script, raws: old.map((each, i) => (i === place.tx ? raw : each)) };
}

function absentCoin(fraud: string, change: (coin: CoinInput) => void): StateFraud {
  return {
    name: 'absentInput',
    fraud,
    plant(ground) {
      const { place, script, raws } = resigned(ground, (copy) =>
        change(copy.inputs[0] as CoinInput),
      );
      const { block } = place;
      const state = ground.states[block]!;
      const input = script.inputs[0] as CoinInput;
      return {
        ...put(ground, block, forged(ground.blocks[block]!, raws), state),
        args: (made) => {
          const [blk, tx] = made.tx(place);
          const trees = state.trees[made.taken(block) + place.tx]!;
          const key = coinKey(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex));
          const real = scripts(ground.blocks, block).find((each) => each.tx === place.tx)!;
          const hash = sha256Hex(coinValue(real.script.inputs[0] as CoinInput));
          const absence = absenceOf(trees.coins, key, hash);
          const [pre] = made.moments(place);
          return [blk, made.pair(block)[1], tx, pre, 0n, absence];
        },
      };
    },
  };
}

const absentMessage: StateFraud = {
  name: 'absentInput',
  fraud: 'a message that was never sent',
  plant(ground) {
    const { split } = ground;
    const spend = scripts(ground.blocks).find(
      ({ script }) => script.inputs[0]?.type === 'message',
    )!;
    const script = structuredClone(spend.script);
    const [input] = script.inputs;
    assert.ok(input?.type === 'message');
    input.nonce = OTHER;
    const { raw } = signed(script, keyOf(0), PARAMS.chainId);
    const old = ground.blocks[split]!;
    const state = ground.states[split]!;
    const place = { block: split, tx: 0 };
    const [mint] = old.transactions.slice(-1);
    const steps = [...state.steps.slice(0, 2), state.steps.at(-1)!];
    const planted = { ...state, steps };
    return {
      ...put(ground, split, forged(old, [raw, mint!]), planted),
      args: (made) => {
        const [blk, tx] = made.tx(place);
        const absence = absenceOf(state.trees[0]!.messages, hexToBytes(OTHER));
        return [blk, made.pair(split)[1], tx, made.moments(place)[0], 0n, absence];
      },
    };
  },
};

/** A transfer with less change than is due; the signature does not cover it. */
const overcharge: StateFraud = {
  name: 'overcharge',
  fraud: 'keeps more than the fee',
  plant(ground) {
    const place = scripts(ground.blocks, ground.split)[0]!;
    const script = structuredClone(place.script);
    const change = script.outputs.find(({ type }) => type === 'change');
    assert.ok(change?.type === 'change');
    change.amount -= 2_000n;
    const old = ground.blocks[place.block]!.transactions;
    const raws = old.map((raw, i) => (i === place.tx ? encodeTx(script) : raw));
    const state = ground.states[place.block]!;
    return {
      ...put(ground, place.block, forged(ground.blocks[place.block]!, raws), state),
      args: (made) => [...made.tx(place), PARAMS.baseAssetId],
    };
  },
};

const skippedForced: StateFraud = {
  name: 'skippedForced',
  fraud: 'a forced transfer is left out',
  splitAt: (ground) => Math.max(entryOf(ground, 'transaction').block, 1),
  plant(ground) {
    const { block, nonce } = entryOf(ground, 'transaction');
    const mint = decode(ground.blocks[block]!.transactions.at(-1)!);
    assert.ok(mint.type === 'mint');
    const alone = encodeTx({ ...mint, txPointer: { ...mint.txPointer, txIndex: 0 } });
    return {
      ...rebuilt(ground, block, [alone]),
      args: (made) => skippedArgs(made, block, ground.events[nonce]),
    };
  },
};

/** One of each statement, then every other way. */
export const STATE_FRAUDS: readonly StateFraud[] = [
  wrongStarts[0]!,
  wrongStates[0]!,
  wrongMessageStep('message', 'a message is not taken in', () => ({ messages: OTHER })),
  wrongStep('coins from nowhere', () => ({ coins: OTHER })),
  absentCoin('a coin that never was', (coin) => {
    coin.utxoId = { ...coin.utxoId, txId: OTHER };
    coin.txPointer = { blockHeight: 0, txIndex: 0 };
  }),
  overcharge,
  skippedForced,
];

export const STATE_VARIANTS: readonly StateFraud[] = [
  ...wrongStarts.slice(1),
  firstStart,
  ...wrongStates.slice(1),
  wrongMessageStep('message', 'coins along with a message', () => ({ coins: OTHER })),
  wrongMessageStep('message', 'ether along with a message', ({ held }) => ({ held: held + 1n })),
  wrongMessageStep('message', 'sent out along with a message', ({ out }) => ({ out: out + 1n })),
  wrongMessageStep('transaction', 'taking in a transaction makes coins', () => ({ coins: OTHER })),
  wrongStep('messages from nowhere', () => ({ messages: OTHER })),
  wrongStep('ether from nowhere', ({ held }) => ({ held: held + 1n })),
  wrongStep('a mint makes coins', () => ({ coins: OTHER }), true),
  takenBack,
  absentCoin('a coin of another amount', (coin) => {
    coin.amount += 1n;
  }),
  absentMessage,
];
