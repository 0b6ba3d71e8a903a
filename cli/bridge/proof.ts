/**
 * What `fuelrail proof …` does: proofs about the state, checked here. A node whose tree is still being
 * made is waited for, and what it has got done is shown.
 */
import { CodedError } from '../../primitives/errors.ts';
import type { UtxoKey } from '../../primitives/types.ts';
import { askOwnRoute } from '../../sdk/client/ownRoutes.ts';
import { getStateProof, type StateProof, type StateSubject } from '../../sdk/client/stateProof.ts';
import { parseB256, parseU64 } from '../flagValue.ts';
import { type ProgressOutput, progressOnTerminal } from '../progress.ts';
import { print } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';

export type ProofFlags = {
  readonly url: string;
  readonly json?: boolean;
  readonly height?: string;
};
export type ContractProofFlags = ProofFlags & {
  readonly slot?: string;
  readonly asset?: string;
  readonly code?: boolean;
};

const NAMES: Readonly<Record<StateSubject['type'], string>> = {
  coin: 'the coin',
  message: 'the message',
  contract: 'the contract',
  code: "the contract's code",
  slot: 'the slot',
  asset: 'a balance of the asset',
};

function textOf(subject: StateSubject, proof: StateProof): string {
  const { height, roots, value, siblings } = proof;
  const what = `${NAMES[subject.type]} is ${value === null ? 'not ' : ''}in the state`;
  return [
    `${what} behind block ${height}`,
    ...(value === null ? [] : [`value       ${value}`]),
    `state root  ${roots.stateRoot}`,
    `block id    ${roots.blockId}`,
    `checked here over ${siblings.length} levels of the tree`,
  ].join('\n');
}

/** How far the node's tree is. */
export type TreeStatus = {
  /** Newest block that is in; null: none. */
  readonly height: number | null;
  /** Blocks of the chain that are not in yet. */
  readonly lag: number;
  readonly failure: string | null;
};

/** How often the node is asked while its tree is being made. Unit: ms. */
const ASK_EVERY_MS = 250;

/**
 * Waits until the tree holds a block. A block that the chain does not have is not waited for: the
 * node says that when it is asked for the proof.
 * @param height null: any block
 * @throws CodedError STATE_TREE_FAILED
 */
export async function waitForTree(
  height: number | null,
  ask: () => Promise<TreeStatus>,
  pause: () => Promise<void>,
  output?: ProgressOutput,
): Promise<void> {
  let status = await ask();
  const start = status.height ?? -1;
  const tip = start + status.lag;
  const wanted = height ?? (status.height === null ? 0 : start);
  if (start >= wanted || wanted > tip) return;
  const label = 'state tree';
  const progress = progressOnTerminal({ total: wanted - start, unit: 'blocks', label }, output);
  try {
    while ((status.height ?? -1) < wanted) {
      if (status.failure !== null) {
        throw new CodedError(
          'STATE_TREE_FAILED',
          `the node's state tree stopped: ${status.failure}`,
        );
      }
      await pause();
      status = await ask();
      progress.reached((status.height ?? -1) - start);
    }
  } finally {
    progress.end();
  }
}

async function show(subject: StateSubject, flags: ProofFlags): Promise<void> {
  const height = flags.height === undefined ? null : Number(parseU64('height', flags.height));
  const ask = (): Promise<TreeStatus> => askOwnRoute(flags.url, '/v1/fuelrail/state/status');
  await waitForTree(height, ask, () => new Promise((done) => setTimeout(done, ASK_EVERY_MS)));
  const proof = await getStateProof(flags.url, subject, height ?? undefined);
  print(flags, proof, textOf(subject, proof));
}

/** `proof coin` */
export async function proveCoin(text: string, flags: ProofFlags): Promise<void> {
  const utxo = text.toLowerCase();
  if (!/^0x[0-9a-f]{68}$/.test(utxo)) {
    usage('a coin is named by its UTXO id: 0x, 64 hex digits of the transaction, 4 of the output');
  }
  await show({ type: 'coin', utxo: utxo as UtxoKey }, flags);
}

/** `proof message` */
export async function proveMessage(nonce: string, flags: ProofFlags): Promise<void> {
  await show({ type: 'message', nonce: parseB256('nonce', nonce) }, flags);
}

/** `proof contract` */
export async function proveContract(id: string, flags: ContractProofFlags): Promise<void> {
  const contract = parseB256('contract', id);
  const asked = [flags.slot, flags.asset, flags.code].filter((each) => each !== undefined);
  if (asked.length > 1) usage('choose one of --slot, --asset and --code');
  if (flags.slot !== undefined) {
    await show({ type: 'slot', contract, name: parseB256('slot', flags.slot) }, flags);
  } else if (flags.asset !== undefined) {
    await show({ type: 'asset', contract, name: parseB256('asset', flags.asset) }, flags);
  } else await show({ type: flags.code === true ? 'code' : 'contract', contract }, flags);
}
