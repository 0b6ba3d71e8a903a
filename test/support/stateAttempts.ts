/** Random statements about the states of honest blocks, nearly right in every part. */
import type { RelayedEvent } from '../../executor/relayed.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { coinKey, type StateParts } from '../../tx/stateSteps.ts';
import { absenceOf, NO_OP } from './blockStates.ts';
import { type Case, scripts } from './frauds.ts';
import { PARAMS } from './rollup.ts';
import { entryOf, messageStepArgs, skippedArgs, stepArgs } from './stateArguments.ts';

export type Honest = {
  readonly made: Case;
  readonly events: readonly RelayedEvent[];
  readonly genesis: StateParts;
};

type Random = (below: number) => number;
type Args = readonly unknown[];

function start({ made, genesis }: Honest, random: Random): Args {
  const block = random(made.blocks.length);
  const from = random(4) === 0 ? random(made.blocks.length) : block - 1;
  const parts = from < 0 ? genesis : made.states[from]!.parts;
  const first = made.step(block, random(4) === 0 ? 1 : 0);
  return [...made.pair(block), parts, first];
}

function end({ made }: Honest, random: Random): Args {
  const block = random(made.blocks.length);
  const other = random(4) === 0 ? random(made.blocks.length) : block;
  const { steps } = made.states[block]!;
  const last = made.step(block, steps.length - (random(4) === 0 ? 2 : 1));
  return [...made.pair(block), made.states[other]!.parts, last];
}

function messageStep({ made, events }: Honest, random: Random): Args {
  const nonce = random(events.length);
  const block = made.blocks.findIndex(({ inboxCount }) => Number(inboxCount) > nonce);
  const args = [...messageStepArgs(made, events, block, nonce)];
  // Another nonce, another message, the tree of another moment.
  const change = random(6);
  if (change === 0) args[2] = BigInt(random(events.length + 2));
  if (change === 1) args[6] = NO_OP;
  if (change === 2) args[3] = args[4];
  return args;
}

function step({ made }: Honest, random: Random): Args {
  const block = random(made.blocks.length);
  const tx = random(made.blocks[block]!.transactions.length);
  const args = [...stepArgs(made, { block, tx })];
  const other = random(made.blocks.length);
  const change = random(6);
  if (change === 0) args[5] = made.states[other]!.txOps[0];
  if (change === 1) args[4] = args[3];
  if (change === 2) args[1] = made.blk(other);
  return args;
}

function absent({ made }: Honest, random: Random): Args {
  const all = scripts(made.blocks);
  const place = all[random(all.length)]!;
  const [blk, tx] = made.tx(place);
  const at = made.taken(place.block) + place.tx;
  // At a later moment the coin is spent: that is no step before.
  const moment = random(3) === 0 ? at + 1 : at;
  const trees = made.states[place.block]!.trees[moment]!;
  const [input] = place.script.inputs;
  const isCoin = input?.type === 'coin';
  const key = isCoin
    ? coinKey(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex))
    : hexToBytes(input?.type === 'message' ? input.nonce : '0x');
  const absence = absenceOf(isCoin ? trees.coins : trees.messages, key);
  const before = made.pair(place.block)[1];
  return [blk, before, tx, made.step(place.block, moment), 0n, absence];
}

function overcharge({ made }: Honest, random: Random): Args {
  const block = random(made.blocks.length);
  const tx = random(made.blocks[block]!.transactions.length);
  const asset = random(3) === 0 ? `0x${'12'.repeat(32)}` : PARAMS.baseAssetId;
  return [...made.tx({ block, tx }), asset];
}

function skipped({ made, events }: Honest, random: Random): Args {
  const { block, nonce } = entryOf({ blocks: made.blocks, events }, 'transaction');
  const args = [...skippedArgs(made, block, events[nonce])];
  const change = random(5);
  if (change === 0) args[2] = BigInt(random(events.length + 1));
  if (change === 1) args[3] = 5n;
  if (change === 2) args[5] = made.step(block, random(made.states[block]!.steps.length));
  if (change === 3) args[6] = args[5];
  return args;
}

const BY_NAME: Readonly<Record<string, (honest: Honest, random: Random) => Args>> = {
  wrongStart: start,
  wrongState: end,
  wrongMessageStep: messageStep,
  wrongStep: step,
  absentInput: absent,
  overcharge,
  skippedForced: skipped,
};

/** Names of the statements. */
export const STATE_STATEMENTS: readonly string[] = Object.keys(BY_NAME);

export const stateAttempt = (name: string, honest: Honest, random: Random): Args =>
  BY_NAME[name]!(honest, random);
